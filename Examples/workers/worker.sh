#!/bin/sh
# A worker of swift-mapreduce in POSIX sh: curl speaks HTTP and TLS, openssl reads the master's key, and what every Linux has does
# the rest (coreutils, sed, awk, setsid). docs/worker-protocol.md explains each step.
#
#     sh worker.sh LINE         a join line as mr-master prints it; - reads it from standard input, where nobody sees it
#     sh worker.sh HOST:PORT    a master of yours on this machine
#
# It counts words by itself (--app wordcount) and runs the programs of streaming jobs, one task at a time.
patience=900 # seconds for which a master that does not answer is waited for
umask 077
job= # the background process with the attempt that runs
dir=$(mktemp -d) || exit 1
say() { echo "worker.sh: $*" >&2; }
die() { say "$*"; exit 1; }

# A program may have started others: they are one process group.
stop() { [ -s "$dir/group" ] && kill -s KILL -- "-$(cat "$dir/group")" 2> /dev/null; }
trap 'kill -s KILL $job 2> /dev/null; stop; rm -rf "$dir"' EXIT
trap 'call worker.leave "<param>$(int "$worker")</param><param>$(string "$instance")</param>"; exit 130' INT TERM

# Where the master is, and what it wants to see. curl gets the secret from a file, so no list of processes shows it.
show() { printf '%s' "${1:+Authorization: Bearer $1}" > "$dir/header"; }
enter() {
    place=$1
    [ "$place" != - ] || read -r place
    address=${place##*@}
    record=
    case $place in
    mr1.*.*@*)
        url=https://$address pin=${place#mr1.} pin=${pin%%.*} secret=${place%@*} secret=${secret##*.}
        until openssl s_client -connect "$address" < /dev/null 2> /dev/null | openssl x509 -noout -pubkey 2> /dev/null |
            openssl pkey -pubin -outform DER -out "$dir/key" 2> /dev/null; do sleep 1; done
        [ "$(openssl dgst -sha256 -binary "$dir/key" | head -c 20 | base32)" = "$pin" ] ||
            die "$address is not the master that made this join line: its key is another" ;;
    *:*) # What it has left in its user's state folder lets in, and is gone when the master has ended.
        url=http://$address
        record=${MR_STATE_DIR:-${XDG_STATE_HOME:-$HOME/.local/state}/swift-mapreduce}/$(echo "$place" | tr : -)
        secret=$(sed -n 's/^token //p' "$record") || exit 1 ;;
    *) die "give a join line, - or HOST:PORT" ;;
    esac
}

# No authority vouches for the master (-k), but it must have that key.
request() { curl -sSk --pinnedpubkey "$dir/key" --max-time 60 -H "@$dir/header" "$@"; }

# XML-RPC, as far as it is needed: values to send, and the member of the answer that has a name.
int() { printf '<value><int>%s</int></value>' "$1"; }
double() { printf '<value><double>%s</double></value>' "$1"; }
string() { printf '<value><string>%s</string></value>' "$(printf %s "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g')"; }
array() { printf '<value><array><data>%s</data></array></value>' "$1"; }
member() { printf '<member><name>%s</name>%s</member>' "$1" "$2"; }
struct() { printf '<value><struct>%s</struct></value>' "$*"; }
field() { sed -n "s|.*<name>$1</name><value><[a-z0-9]*>\([^<]*\)<.*|\1|p" "$dir/answer"; }

# The same call again and again until there is an answer; fails when the master does not know this worker.
call() {
    printf '<?xml version="1.0"?><methodCall><methodName>%s</methodName><params>%s</params></methodCall>' "$1" "$2" > "$dir/call"
    since=$(date +%s)
    while :; do
        status=$(request -o "$dir/answer" -w '%{http_code}' -H 'Content-Type: text/xml' --data-binary "@$dir/call" \
            "$url/RPC2" 2> "$dir/problem") || status=000
        case $status in
        200)
            grep -q '<fault>' "$dir/answer" || return 0
            [ "$(field faultCode)" = 100 ] && return 1
            die "$(field faultString)" ;;
        401) return 1 ;;
        000) ;;
        *) mv "$dir/answer" "$dir/problem" ;;
        esac
        [ -z "$record" ] || [ -e "$record" ] || exit 0 # it has ended, and the job with it
        [ $(($(date +%s) - since)) -lt $patience ] || die "$(cat "$dir/problem")"
        sleep 1
    done
}

# One bulky request. The status of a refusal says what becomes of the attempt: it is the report's beginning.
data() {
    : > "$dir/body" # which curl does not make where nothing comes
    status=$(request -o "$dir/body" -w '%{http_code}' "$@" 2> "$dir/problem") || status=000
    case $status in
    2??) return 0 ;;
    000 | 409) outcome=handed_back ;; # nobody is to blame
    422) outcome=refused ;;
    *) outcome=failed ;;
    esac
    reason="status $status: $(head -c 2000 "$dir/body" 2> /dev/null)"
    return 1
}

# The words between white space with their counts; awk compares them as text.
count_words() { tr -s ' \t\n\v\f\r' '\n' | sort | uniq -c | sed -n 's/^ *\([0-9][0-9]*\) \(..*\)$/\2\t\1/p'; }
add_counts() {
    awk -F '\t' '$1 "" != word "" || NR == 1 {if (NR > 1) printf "%s\t%d\n", word, sum; word = $1; sum = 0}
        {sum += $2} END {if (NR > 0) printf "%s\t%d\n", word, sum}'
}

run_program() { # COMMAND
    setsid sh -c "cd \"\$1\" 2> /dev/null; exec sh -c \"\$2\"" sh "$folder" "$1" < "$dir/in" > "$dir/out" 2> "$dir/errors" &
    echo $! > "$dir/group"
    wait $!
}

# One try at one task, in the background: gets the input, works on it, sends the output, and leaves what is to be reported.
attempt() { # NAME STEP APPLICATION
    outcome=failed reason="$2 failed"
    rm -f "$dir/in" "$dir/out" # nothing of the attempt before may be taken for this one's
    case $1 in *-map-*) place=pairs ;; *) place=output ;; esac
    case $2 in mapper) from=records count=count_words ;; *) from=pairs count=add_counts ;; esac
    if [ "$3" = wordcount ] && [ -n "$options" ]; then outcome=refused reason="worker.sh knows no options of wordcount"
    elif data "$url/$from/$1" && mv "$dir/body" "$dir/in" && case $3 in
        streaming) if [ -n "$command" ]; then run_program "$command"; else mv "$dir/in" "$dir/out"; fi ;;
        *) LC_ALL=C; export LC_ALL; $count < "$dir/in" > "$dir/out" ;;
        esac && data -T "$dir/out" "$url/$place/$1"; then outcome=succeeded
    elif [ -s "$dir/errors" ]; then reason=$(tail -c 2000 "$dir/errors"); fi
    reason=$(printf %s "$reason" | LC_ALL=C tr -c '[:print:]' ' ') # what XML can carry
    struct "$(member attempt "$(string "$1")")$(member outcome "$(string "$outcome")")$(member reason "$(string "$reason")")" > "$dir/report.new"
    rm -f "$dir/group" "$dir/errors"
    mv "$dir/report.new" "$dir/report"
}

# From one registration to the next: comes back when the master does not know this worker any more.
serve() {
    show "$secret"
    call worker.register "<param>$(struct "$(member version "$(int 7)")$(member name "$(string "sh-$(hostname)-$$")")$(member slots "$(int 1)")$(
        member applications "$(array "$(string wordcount)$(string streaming)")")")</param>" || die "the master refuses the secret"
    worker=$(field worker) instance=$(field instance) heartbeat=$(field heartbeat_seconds) sequence=0 name=
    ticks=$(echo "$heartbeat" | awk '{print int(10 * $1) + 1}')
    show "$(field token)" # for this worker alone
    while :; do
        reports='' running='' capacity=1 wait=$heartbeat
        if [ -n "$name" ]; then
            wait=0 tick=0
            until [ -e "$dir/report" ] || [ $tick -ge "$ticks" ]; do sleep 0.1; tick=$((tick + 1)); done
            if [ -e "$dir/report" ]; then reports=$(cat "$dir/report"); else running=$(string "$name") capacity=0; fi
        fi
        sequence=$((sequence + 1))
        call worker.poll "<param>$(struct "$(member worker "$(int "$worker")")$(member instance "$(string "$instance")")$(
            member sequence "$(int $sequence)")$(member reports "$(array "$reports")")$(member running "$(array "$running")")$(
            member capacity "$(int $capacity)")$(member wait_seconds "$(double "$wait")")")</param>" || { stop; wait; return; }
        if grep -q '<name>stop</name>' "$dir/answer"; then say "$(field stop)"; exit; fi
        if [ -n "$reports" ]; then rm -f "$dir/report"; name=; fi
        if grep -q "<name>cancelled</name><value><array><data><value>" "$dir/answer"; then stop; fi
        next=$(field attempt)
        [ -n "$next" ] || continue
        name=$next step=reducer folder=$(field folder | base64 -d)
        if grep -q '<name>input</name>' "$dir/answer"; then step=mapper; fi
        command=$(field $step | base64 -d)
        options=$(sed -n 's|.*<name>options</name><value><struct>\(<member>\).*|\1|p' "$dir/answer")
        attempt "$name" $step "$(field application)" &
        job=$!
    done
}

enter "${1:?a join line, - or HOST:PORT}"
while :; do serve; done
