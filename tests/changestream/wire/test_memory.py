"""What one record may unfold to, in a process of its own whose memory is limited to a function's 512 MB."""

import subprocess
import sys
from pathlib import Path

import pytest

LAYER = Path(__file__).parents[3] / "layers" / "changestream"
PAYLOAD_BYTES = 4_400_000
"""Of the data of a record: a payload of 6 MB holds them as base64."""

PROGRAM = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from base64 import b64encode
from hashlib import md5
from changestream.wire import kinesis_capture, ledger
resource.setrlimit(resource.RLIMIT_AS, (512 * 2**20, 512 * 2**20))

def length(number):
    digits = [number & 0x7F | 0x80]
    while number := number >> 7:
        digits.insert(0, number & 0x7F)
    return bytes(digits)

def protobuf(number):
    return bytes([number & 0x7F | (0x80 if number > 127 else 0)]) + (protobuf(number >> 7) if number > 127 else b"")

MARK = b"\\xe0\\x01\\x00\\xea"

def aggregate(documents):
    body = b"\\x0a\\x01k" + b"".join(
        b"\\x1a" + protobuf(len(one) + 3 + len(protobuf(len(one)))) + b"\\x08\\x00\\x1a" + protobuf(len(one)) + one
        for one in documents
    )
    return b"\\xf3\\x89\\x9a\\xc2" + body + md5(body).digest()

def shape(name, size):
    match name:
        case "ion of empty lists": return MARK + b"\\xbe" + length(size) + b"\\xb0" * size
        case "ion of padding": return MARK + b"\\x00" * size
        case "aggregate of empty records": return aggregate([b""] * (size // 6))
        case "aggregate of full documents":
            return aggregate([MARK + b"\\xbe" + length(90_000) + b"\\xb0" * 90_000] * (size // 90_100))
        case "json of empty lists": return b"[" + b"[]," * (size // 3) + b"[]]"
        case "json nested": return b"[" * size
        case "item of nulls":
            nulls = b",".join([b'{"NULL":true}'] * (size // 14))
            keys = b'{"listId":{"S":"a"},"taskId":{"S":"task-1"}}'
            return (b'{"tableName":"T","eventName":"INSERT","eventID":"1","dynamodb":{"ApproximateCreationDateTime":'
                b'1731924555370123,"Keys":' + keys + b',"NewImage":{"a":{"L":[' + nulls + b']}}}}')

data = b64encode(shape(sys.argv[2], int(sys.argv[3]))).decode()
record = {"kinesis": {"data": data, "sequenceNumber": "1"}}
decode = ledger.decode if "json" not in sys.argv[2] and "item" not in sys.argv[2] else (
    lambda records: kinesis_capture.decode(records, bool, "T"))
batch = decode([record])
assert {failure.kind for failure in batch.failures} == {"poison"}, batch
print({failure.reason for failure in batch.failures})
"""


@pytest.mark.parametrize(
    ("shape", "why"),
    [
        ("ion of empty lists", "more than 100,000 values"),
        ("ion of padding", "more than 100,000 values"),
        ("aggregate of empty records", "user records"),
        ("aggregate of full documents", "300,000 in its record"),
        ("json of empty lists", "<list, "),
        ("json nested", "recursion"),
        ("item of nulls", "an item has up to"),
    ],
)
def test_a_record_that_unfolds_is_poison_well_inside_the_memory_of_a_function(shape: str, why: str) -> None:
    command = (sys.executable, "-c", PROGRAM, str(LAYER), shape, str(PAYLOAD_BYTES))

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    assert why in done.stdout
