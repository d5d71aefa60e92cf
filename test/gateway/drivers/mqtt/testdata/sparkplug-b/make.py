"""Writes the payloads of this folder: pip install pysparkplug==0.6.1, then python make.py"""

from pathlib import Path

import pysparkplug as psp
from pysparkplug import _protobuf

FOLDER = Path(__file__).parent
TIME = 1795356180000  # 2026-11-22T14:03:00Z
D = psp.DataType


def metric(name, datatype, value, alias=None, time=TIME, **rest):
    return psp.Metric(timestamp=time, name=name, datatype=datatype, value=value, alias=alias, **rest)


def write(name, payload, **options):
    (FOLDER / f"{name}.bin").write_bytes(payload.encode(**options))


write(
    "nbirth",
    psp.NBirth(
        timestamp=TIME,
        seq=0,
        metrics=(
            metric("bdSeq", D.INT64, 7),
            metric("Supply/Voltage", D.FLOAT, 231.4, 1, TIME - 3_600_000),
            metric("Uptime", D.UINT64, 2**53 + 1, 2),
        ),
    ),
)
write(
    "dbirth",
    psp.DBirth(
        timestamp=TIME,
        seq=1,
        metrics=(
            metric("Heat/Index", D.DOUBLE, 815.25, 10),
            metric("Outdoor/Temperature", D.INT16, -5, 11),
            metric("Pump/Running", D.BOOLEAN, True, 12),
            metric("Count", D.INT64, -3, 13),
            metric("Offset", D.INT8, -1, 14),
            metric("Mode", D.STRING, "été", 15),
        ),
    ),
)
write(
    "ddata",
    psp.DData(
        timestamp=TIME + 10_000,
        seq=2,
        metrics=(
            metric(None, D.INT16, -6, 11, TIME + 10_000),
            metric(None, D.DOUBLE, 815.5, 10, TIME - 86_400_000, is_historical=True),
            metric(None, D.BOOLEAN, None, 12, TIME + 10_000, is_null=True),
        ),
    ),
)
write("ndata", psp.NData(timestamp=TIME + 20_000, seq=3, metrics=(metric(None, D.FLOAT, 230.1, 1, TIME + 20_000),)))
write("ddeath", psp.DDeath(timestamp=TIME + 30_000, seq=4))
write("ndeath", psp.NDeath(timestamp=TIME + 40_000, bd_seq_metric=metric("bdSeq", D.INT64, 7)))

quality = _protobuf.Payload()
quality.timestamp = TIME + 10_000
quality.seq = 2
for code, value in ((192, 1), (500, 2), (0, 3), (600, 4)):
    one = quality.metrics.add()
    one.name = "Heat/Index"
    one.double_value = value
    one.properties.keys.append("Quality")
    property_value = one.properties.values.add()
    property_value.type = D.INT32
    property_value.int_value = code
(FOLDER / "quality.bin").write_bytes(quality.SerializeToString())
