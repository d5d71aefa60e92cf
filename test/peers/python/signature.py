"""Fits the change-point model of heating to days of [temperature, consumption], with SciPy."""

import json
import sys

import numpy
from scipy.optimize import curve_fit


def model(temperature, base, slope, balance):
    return base + slope * numpy.maximum(0, balance - temperature)


temperature, consumption = numpy.array(json.load(sys.stdin)).T
start = [consumption.min(), numpy.ptp(consumption) / numpy.ptp(temperature), 15]
(base, slope, balance), _ = curve_fit(model, temperature, consumption, p0=start)
squares = ((consumption - model(temperature, base, slope, balance)) ** 2).sum()
total = ((consumption - consumption.mean()) ** 2).sum()
json.dump(
    {
        "base": base,
        "slope": slope,
        "balance": balance,
        "rSquared": 1 - squares / total,
        "cvRmse": (squares / (len(consumption) - 3)) ** 0.5 / consumption.mean(),
    },
    sys.stdout,
)
