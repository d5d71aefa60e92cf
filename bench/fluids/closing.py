"""Closes the readings of a Parquet file with pandas: the history, then the new day, into Parquet files.

On standard input: {"folder": "...", "meters": {"<meter>": {"size": 100000000 or null}}, "start": ms,
"newDay": ms, "end": ms, "timeZone": "Europe/Paris"}. It answers {"full": s, "increment": s, "megabytes": MB}.
"""

import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

HOUR = 3_600_000
DAY = 24 * HOUR
INTERVAL = 600_000
MOST_PER_HOUR = 10_000
STEPS_PER_UNIT = 10
# All at once would need several times the memory, and take no less time.
METERS_AT_ONCE = 100
FIGURES = ["amount", "covered_ms", "readings"]

settings = json.load(sys.stdin)
folder = Path(settings["folder"])
sizes = pd.Series(settings["meters"], dtype="float64")
zone = settings["timeZone"]


def gain_between(from_time, from_steps, to_time, to_steps, size):
    """What was gained from one index to another; NaN where one does not follow from the other."""
    gain = to_steps - from_steps
    gain = gain.where(gain >= 0, (gain + size).where(gain + size <= size / 2))
    hours = ((to_time - from_time) / HOUR).clip(lower=1)
    return gain.where(gain <= MOST_PER_HOUR * STEPS_PER_UNIT * hours + 1)


def hours_of(readings, since):
    good = readings[readings["good"]].sort_values(["meter", "time"], ignore_index=True)
    good["steps"] = (good["value"] * STEPS_PER_UNIT).round()
    good["size"] = good["meter"].map(sizes)
    by_meter = good.groupby("meter")[["time", "steps"]]
    before, after = by_meter.shift(1), by_meter.shift(-1)
    follows = gain_between(before["time"], before["steps"], good["time"], good["steps"], good["size"]).notna()
    bridged = gain_between(before["time"], before["steps"], after["time"], after["steps"], good["size"]).notna()
    believed = good[before["time"].isna() | follows | ~bridged].reset_index(drop=True)

    before = believed.groupby("meter")[["time", "steps"]].shift(1)
    pairs = pd.DataFrame({"meter": believed["meter"], "start": before["time"], "end": believed["time"]})
    pairs["gain"] = gain_between(
        before["time"], before["steps"], believed["time"], believed["steps"], believed["size"]
    )
    pairs = pairs[pairs["gain"].notna() & (pairs["end"] > since)].astype({"start": "int64", "gain": "int64"})

    first = pairs["start"] // HOUR
    count = (pairs["end"] - 1) // HOUR - first + 1
    parts = pairs.loc[pairs.index.repeat(count)]
    number = np.arange(len(parts)) - np.repeat(count.cumsum() - count, count).to_numpy()
    parts = parts.assign(hour=(parts["start"] // HOUR + number) * HOUR)
    duration = parts["end"] - parts["start"]
    elapsed = np.maximum(parts["hour"], parts["start"]) - parts["start"]
    until = np.minimum(parts["hour"] + HOUR, parts["end"]) - parts["start"]
    parts["amount"] = parts["gain"] * until // duration - parts["gain"] * elapsed // duration
    parts["covered_ms"] = (until - elapsed).where(duration <= 2 * INTERVAL, 0)

    hourly = parts.groupby(["meter", "hour"])[["amount", "covered_ms"]].sum()
    counted = good.groupby(["meter", good["time"] // HOUR * HOUR]).size()
    hourly["readings"] = counted.reindex(hourly.index, fill_value=0)
    hourly = hourly.reset_index().rename(columns={"hour": "start"})
    return hourly[hourly["start"] >= since].assign(stop=lambda hours: hours["start"] + HOUR)


def midnights(local):
    return local.dt.tz_localize(None).dt.normalize()


def to_ms(local):
    return local.dt.tz_localize(zone).dt.tz_convert("UTC").dt.as_unit("ms").astype("int64")


def sum_by(parts, period):
    start = midnights(pd.to_datetime(parts["start"], unit="ms", utc=True).dt.tz_convert(zone))
    if period == "month":
        start = start.dt.to_period("M").dt.to_timestamp()
    sums = parts.assign(local=start).groupby(["meter", "local"], as_index=False)[FIGURES].sum()
    end = sums["local"] + (pd.DateOffset(months=1) if period == "month" else pd.DateOffset(days=1))
    return sums.assign(start=to_ms(sums["local"]), stop=to_ms(end)).drop(columns="local")


def civil_start(period, instant):
    local = pd.Timestamp(instant, unit="ms", tz="UTC").tz_convert(zone).normalize()
    return (local.replace(day=1) if period == "month" else local).value // 1_000_000


def load(number, period):
    return pd.read_parquet(folder / "pandas" / f"{period}-{number}.parquet")


def replace(number, period, since, figures, extends):
    """Figures from an instant on take the place of those that are kept; returns all."""
    if extends:
        kept = load(number, period)
        figures = pd.concat([kept[kept["start"] < since], figures], ignore_index=True)
    figures.assign(period=period).to_parquet(folder / "pandas" / f"{period}-{number}.parquet")
    return figures


def close(since, until, extends):
    started = time.perf_counter()
    for number in range(0, len(sizes), METERS_AT_ONCE):
        meters = sizes.index[number : number + METERS_AT_ONCE]
        wanted = [("meter", "in", list(meters)), ("time", ">=", since - DAY), ("time", "<", until)]
        parts = hours_of(pd.read_parquet(folder / "readings.parquet", filters=wanted), since)
        parts = replace(number, "hour", since, parts, extends)
        for period in ("day", "month"):
            begin = civil_start(period, since)
            parts = replace(number, period, begin, sum_by(parts[parts["start"] >= begin], period), extends)
    return time.perf_counter() - started


(folder / "pandas").mkdir()
full = close(settings["start"], settings["newDay"], False)
increment = close(settings["newDay"] - HOUR, settings["end"], True)
megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"full": full, "increment": increment, "megabytes": megabytes}))
