"""What the SensorThings client of FROST reads of a service.

Reads one JSON object: url, the ids of a thing and of a datastream, and since when observations are recent. Prints one
JSON object.
"""

import json
import sys

import frost_sta_client as fsc

asked = json.load(sys.stdin)
service = fsc.SensorThingsService(asked["url"])

thing = service.things().query().filter(f"id eq '{asked['thing']}'").expand("Locations").list().get(0)
datastreams = (
    service.things()
    .find(asked["thing"])
    .get_datastreams()
    .query()
    .expand("ObservedProperty,Sensor,Observations($orderby=phenomenonTime desc;$top=1)")
    .list()
)
observations = service.datastreams().find(asked["datastream"]).get_observations()
everything = observations.query().count().top(100).list()
ids = [observation.id for observation in everything]
recent = observations.query().filter(f"phenomenonTime gt {asked['since']}").orderby("phenomenonTime", "desc").list()

print(
    json.dumps(
        {
            "things": [each.name for each in service.things().query().top(1).orderby("name", "asc").list()],
            "thing": {"name": thing.name, "locations": [each.location for each in thing.locations]},
            "datastreams": {
                each.id: [
                    each.unit_of_measurement.symbol,
                    each.observed_property.id,
                    each.sensor.id,
                    [observation.result for observation in each.observations.entities],
                ]
                for each in datastreams
            },
            "observations": {"count": everything.count, "all": len(ids), "distinct": len(set(ids))},
            "recent": [each.result for each in recent],
        }
    )
)
