"""Interim services until those of memory_aws are there."""

import json

from botocore.exceptions import BotoCoreError, ClientError

from simulation.memory_aws.hook import Call


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
