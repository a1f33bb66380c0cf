#!/bin/sh
# Starts streamctl. SIGINT stays blocked until streamctl handles it: Python's own handler prints a traceback.
# `env` of BSD and macOS cannot block signals. There, Ctrl-C while Python starts prints that traceback.
here=$(dirname "$(readlink -f "$0")")
blocked=$(env --block-signal=INT echo env --block-signal=INT 2>/dev/null)
# shellcheck disable=SC2086 # the words of a command, or none
exec $blocked "$here/../../.venv/bin/python" -P -m streamctl "$@"
