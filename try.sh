set -x
export MR_STATE_DIR=/tmp/wBt/s1
A=$(hostname -I | cut -d' ' -f1); [ -n "$A" ] || A=$(ip -4 -o addr show scope global | awk '{print $4}' | cut -d/ -f1 | head -1)
B=.build/debug
$B/mr-ctl center --listen 0.0.0.0:8790 > c.out 2> c.err & 
cd /tmp/wBt
