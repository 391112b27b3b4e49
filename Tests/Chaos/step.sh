#!/bin/sh
# A mapper or reducer that counts words, notes where it has come to, and stays there as long as a file says so.
#
#   step.sh FOLDER map|reduce
#
# It adds lines `STAGE KIND TASK ATTEMPT PID` to FOLDER/events. It waits at a stage while FOLDER/hold-STAGE-KIND or
# FOLDER/hold-STAGE-KIND-TASK exists. The stages are before (nothing read), middle (half a screen read), after (all written).
LC_ALL=C
export LC_ALL folder="$1" kind="$2" pid="$$"

reach='
function reach(stage,  name) {
    name = kind "-" ENVIRON["mapreduce_task_partition"]
    events = folder "/events"
    print stage, kind, ENVIRON["mapreduce_task_partition"], ENVIRON["mapreduce_task_attempt_id"], ENVIRON["pid"] >> events
    close(events)
    while (!system("[ -e \"$folder/hold-" stage "-" kind "\" ] || [ -e \"$folder/hold-" stage "-" name "\" ]"))
        system("sleep 0.05")
}
BEGIN { folder = ENVIRON["folder"]; kind = ENVIRON["kind"]; reach("before") }
NR == 12 { reach("middle") }
'
case $kind in
map)
    exec awk "$reach"'
        { for (i = 1; i <= NF; i++) print $i "\t1" }
        END { fflush(); reach("after") }'
    ;;
reduce)
    exec awk -F '\t' "$reach"'
        $1 "" != key "" { if (NR > 1) print key "\t" sum; key = $1; sum = 0 }
        { sum += $2 }
        END { if (NR) print key "\t" sum; fflush(); reach("after") }'
    ;;
esac
