"""Interim services until those of memory_aws are there."""

import io
import json
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from event_source_mapping.errors import IteratorExpired, RecordsTrimmed, ShardNotFound
from event_source_mapping.positions import Position, PositionType
from simulation.memory_aws.errors import client_error
from simulation.memory_aws.hook import Call


class Client:
    def __init__(self, name, hook, now, service):
        self.name, self.hook, self.now, self.service = name, hook, now, service

    def __getattr__(self, operation):
        method = getattr(self.service, operation)

        def called(**p):
            call = Call(self.name, operation, p, self.now(), "eu-west-1")

            def carry():
                try:
                    return method(call, **p)
                except KeyError as e:
                    raise client_error(call, e.args[0], "refused", 404) from None

            return self.hook.around(call, carry)

        return called


class S3:
    def __init__(self, queue):
        self.buckets = {"ParkedRecordsBucket": {}, "FailedBatchesBucket": {}}
        self.n = 0
        self.queue = queue

    def put_object(self, call, Bucket, Key, Body, IfMatch=None, **_):
        b = self.buckets[Bucket]
        if IfMatch is not None and b.get(Key, (None, ""))[1] != IfMatch:
            raise KeyError("PreconditionFailed" if Key in b else "NoSuchKey")
        self.n += 1
        b[Key] = (bytes(Body), f'"{self.n:032x}"', f"v{self.n}")
        if Bucket == "FailedBatchesBucket":
            self.queue.put(json.dumps({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "eventVersion": "2.1", "s3": {"bucket": {"name": Bucket}, "object": {"key": Key.replace(":", "%3A"), "versionId": f"v{self.n}"}}}]}))
        return {"ETag": b[Key][1], "VersionId": b[Key][2]}

    def get_object(self, call, Bucket, Key, VersionId=None):
        b = self.buckets[Bucket]
        if Key not in b:
            raise KeyError("NoSuchKey")
        return {"Body": io.BytesIO(b[Key][0]), "ETag": b[Key][1], "ContentLength": len(b[Key][0])}

    def delete_object(self, call, Bucket, Key, IfMatch=None):
        b = self.buckets[Bucket]
        if IfMatch is not None and b.get(Key, (None, ""))[1] != IfMatch:
            raise KeyError("PreconditionFailed")
        b.pop(Key, None)
        return {}

    def list_objects_v2(self, call, Bucket, Prefix="", **_):
        return {"Contents": [{"Key": k} for k in sorted(self.buckets[Bucket]) if k.startswith(Prefix)]}


class Sqs:
    def __init__(self, now):
        self.m = {}
        self.n = 0
        self.now = now
        self.dead = []
        self.ring = lambda: None

    def put(self, body, delay=0):
        self.n += 1
        self.m[f"m{self.n:06d}"] = [body, self.now() + delay, 0, "", self.now()]
        self.ring()

    def soonest(self):
        return min((x[1] for x in self.m.values()), default=float("inf"))

    def get_queue_url(self, call, **_):
        return {"QueueUrl": "FailedBatchesQueue"}

    def send_message(self, call, QueueUrl, MessageBody, DelaySeconds=0):
        self.put(MessageBody, DelaySeconds)
        return {}

    def receive_message(self, call, QueueUrl, MaxNumberOfMessages=1, **_):
        out = []
        for i, x in list(self.m.items()):
            if x[1] <= self.now() and len(out) < MaxNumberOfMessages:
                x[2] += 1
                if x[2] > 40:
                    self.dead.append(self.m.pop(i))
                    continue
                x[1] = self.now() + 1800
                x[3] = f"{i}#{x[2]}"
                out.append({"MessageId": i, "ReceiptHandle": x[3], "Body": x[0], "MD5OfBody": "", "Attributes": {"ApproximateReceiveCount": str(x[2]), "SentTimestamp": str(int(x[4] * 1000))}})
        return {"Messages": out}

    def delete_message_batch(self, call, QueueUrl, Entries):
        for e in Entries:
            i = e["ReceiptHandle"].split("#")[0]
            if i in self.m and self.m[i][3] == e["ReceiptHandle"]:
                del self.m[i]
        return {}

    def change_message_visibility_batch(self, call, QueueUrl, Entries):
        failed = []
        for e in Entries:
            i = e["ReceiptHandle"].split("#")[0]
            if i in self.m:
                self.m[i][1] = self.now() + e["VisibilityTimeout"]
            else:
                failed.append({"Id": e["Id"], "Code": "InvalidParameterValue"})
        self.ring()
        return {"Failed": failed}


class Sns:
    def __init__(self, queue):
        self.queue = queue

    def publish(self, call, TopicArn, Message, **_):
        if TopicArn.endswith("FailedChangesTopic"):
            self.queue.put(Message)
        return {"MessageId": "x"}


class Lambda:
    def __init__(self, world):
        self.world = world

    def _f(self, name):
        return next(f for f in self.world.functions.values() if f.settings.arn == name)

    def get_function_configuration(self, call, FunctionName):
        return {"Role": self._f(FunctionName).settings.role_arn}

    def invoke(self, call, FunctionName, InvocationType, Payload):
        f = self._f(FunctionName)
        event = json.loads(Payload)
        strand = self.world.strands.current()
        ended = f.call(event)
        self.world.deliveries.note(f.settings.name, strand.of.function.settings.name if strand else "stage", ended.request_id, event, ended.error, ended.answer)
        answer = {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(ended.answer).encode())}
        return answer | ({"FunctionError": ended.error} if ended.error else {})


class Streams:
    def __init__(self, world, dynamo):
        self.world, self.dynamo = world, dynamo

    def _store(self, arn):
        return next(s.store for s in self.world.streams.values() if s.stream.arn == arn)

    def get_shard_iterator(self, call, ShardId, ShardIteratorType, StreamArn=None, StreamARN=None, SequenceNumber=None, StartingSequenceNumber=None):
        arn = StreamArn or StreamARN
        try:
            store = self._store(arn)
            store.expire()
            return {"ShardIterator": arn + "@" + store.iterator(ShardId, Position(PositionType(ShardIteratorType), SequenceNumber or StartingSequenceNumber))}
        except RecordsTrimmed:
            raise KeyError("TrimmedDataAccessException") from None
        except ShardNotFound:
            raise KeyError("ResourceNotFoundException") from None

    def get_records(self, call, ShardIterator, Limit=10000, StreamARN=None):
        arn, it = ShardIterator.split("@")
        if call.whims.empty:
            return {"Records": [], "NextShardIterator": ShardIterator, "MillisBehindLatest": 1000}
        try:
            page = self._store(arn).read(it, Limit)
        except IteratorExpired:
            raise KeyError("ExpiredIteratorException") from None
        except RecordsTrimmed:
            raise KeyError("TrimmedDataAccessException") from None
        except ShardNotFound:
            raise KeyError("ResourceNotFoundException") from None
        answer = {"Records": page.bodies, "MillisBehindLatest": page.milliseconds_behind}
        return answer | ({"NextShardIterator": arn + "@" + page.next_iterator} if page.next_iterator else {})


def install(world):
    queue = Sqs(world.clock.now)
    services = {"sqs": queue, "s3": S3(queue), "sns": Sns(queue), "lambda": Lambda(world), "kinesis": Streams(world, False), "dynamodbstreams": Streams(world, True)}
    clients = {name: Client(name, world.calls, world.clock.now, service) for name, service in services.items()}
    original = world.aws.client
    world.aws.client = lambda service, region=None: clients.get(service) or original(service, region)
    return services


def search(machine, world):
    http = machine.deployment.module("changestream.aws.signed_http")
    docs = world.documents = {}

    def send(self, method, path, body, content_type=""):
        def carry():
            if path.endswith("_bulk"):
                ls = body.split(b"\n")[:-1]
                items = []
                for a, d in zip(ls[::2], ls[1::2], strict=True):
                    a = json.loads(a)["index"]
                    old = docs.get(a["_id"])
                    if old and old[0] >= a["version"]:
                        items.append({"index": {"status": 409, "error": {"type": "version_conflict_engine_exception"}}})
                    else:
                        docs[a["_id"]] = (a["version"], json.loads(d))
                        items.append({"index": {"status": 200}})
                return http.HttpAnswer(200, {"items": items})
            q = json.loads(body)["docs"]
            found = [{"_id": x["_id"], "found": x["_id"] in docs, "_version": docs.get(x["_id"], (0,))[0]} for x in q]
            return http.HttpAnswer(200, {"docs": found})

        try:
            return world.calls.around(Call("opensearch", "bulk", {}, 0.0, ""), carry)
        except (ClientError, BotoCoreError) as error:
            raise http.TransientError(str(error)) from error

    http.SignedHttp.send = send
