# An installer's laptop without any network but itself: the simulators of a territory, and what reads them. Takes the
# program as its arguments, and from the environment FLAGS, PORT and OUT, a folder for what each command prints.
set -eu
ip link set lo up
# What an address of documentation answers: RFC 5737.
"$1" -e 'fetch("http://192.0.2.1").catch(({ cause }) => console.log(cause.code))' >"$OUT/internet"

# Waits until a process has printed a line.
printed() {
  until grep -q "$2" "$OUT/$3"; do
    kill -0 "$1"
    sleep 0.1
  done
}

running=
trap 'kill $running' EXIT
"$@" simulate $FLAGS >"$OUT/simulate" &
running=$!
printed $! '^college: ' simulate
"$@" probe modbus "127.0.0.1:$PORT" --units 1-2 --pause 0ms >"$OUT/probe"
"$@" commission gw $FLAGS --for 3s --every 200ms --language en --out "$OUT/report" >"$OUT/commission" || true
"$@" watch $FLAGS --run gw >"$OUT/watch" &
running="$running $!"
printed $! ' good$' watch
