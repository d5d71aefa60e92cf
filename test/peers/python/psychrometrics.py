"""Frost points of [air temperature, relative humidity], °C, with PsychroLib."""

import json
import sys

import psychrolib

psychrolib.SetUnitSystem(psychrolib.SI)
json.dump(
    [psychrolib.GetTDewPointFromRelHum(air, humidity / 100) for air, humidity in json.load(sys.stdin)],
    sys.stdout,
)
