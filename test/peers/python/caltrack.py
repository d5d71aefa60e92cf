"""Fits CalTRACK's daily heating model to days of [temperature, consumption], with eemeter; balances in whole numbers only."""

import json
import sys

import numpy
import pandas
from eemeter.caltrack.usage_per_day import get_single_hdd_only_candidate_model

asked = json.load(sys.stdin)
temperature, consumption = numpy.array(asked["days"]).T
candidates = []
for balance in asked["balances"]:
    data = pandas.DataFrame(
        {"meter_value": consumption, f"hdd_{balance}": numpy.maximum(0, balance - temperature)}
    )
    candidates.append(get_single_hdd_only_candidate_model(data, 10, 20, 1, None, balance))
best = max((c for c in candidates if c.status == "QUALIFIED"), key=lambda c: c.r_squared_adj)
json.dump(
    {
        "base": best.model_params["intercept"],
        "slope": best.model_params["beta_hdd"],
        "balance": best.model_params["heating_balance_point"],
        "rSquared": best.result.rsquared,
    },
    sys.stdout,
)
