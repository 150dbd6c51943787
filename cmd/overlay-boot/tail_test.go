package main

import "testing"

// followRows are commands that follow a file while it changes. W waits until tail has seen
// a change.
var followRows = []string{
	"seq 12 >f; tail -f f >o 2>&1 & W; echo a >>f; W; echo b >>f; W; kill $!; " +
		"wait $! 2>/dev/null; echo $?; cat o",
	"seq 12 >f; tail -n 2 -f f >o 2>&1 & W; echo a >>f; W; kill $!; cat o",
	"seq 12 >f; tail -n0 -f f >o 2>&1 & W; printf a >>f; W; printf 'b\\nc' >>f; W; kill $!; cat o",
	"seq 12 >f; tail -c 4 -f f >o 2>&1 & W; echo a >>f; W; kill $!; cat o",
	"seq 12 >f; tail -f -n +11 f >o 2>&1 & W; echo a >>f; W; kill $!; cat o",
	"seq 3 >f; tail -2f f >o 2>&1 & W; echo a >>f; W; kill $!; cat o",
	"seq 3 >f; tail +2f f >o 2>&1 & W; echo a >>f; W; kill $!; cat o",
	"seq 3 >f; tail -fn1 f >o 2>&1 & W; echo a >>f; W; kill $!; cat o",
	"seq 3 >f; tail -s 0.1 -f <f >o 2>&1 & W; echo a >>f; W; kill $!; cat o",
	"seq 3 >f; seq 2 >g; tail -f f g >o 2>&1 & W; echo a >>f; W; echo b >>g; W; echo c >>g; " +
		"W; kill $!; cat o",
	"seq 3 >f; seq 2 >g; tail -qf f g >o 2>&1 & W; echo a >>f; W; echo b >>g; W; kill $!; cat o",
	"seq 3 >f; tail -vf f >o 2>&1 & W; echo a >>f; W; kill $!; cat o",
	"seq 3 >f; tail -f f >o 2>&1 & W; echo a >f; W; echo b >>f; W; kill $!; cat o",
	"seq 3 >f; tail -f f >o 2>&1 & W; mv f g; W; echo a >>g; W; echo b >f; W; kill $!; cat o",
	"seq 3 >f; tail -F f >o 2>&1 & W; mv f g; W; W; echo b >f; W; W; echo c >>f; W; W; kill $!; cat o",
	"seq 3 >f; tail -F f >o 2>&1 & W; echo new >g; mv g f; W; W; echo c >>f; W; W; kill $!; cat o",
	"seq 3 >f; tail --follow=name f >o 2>&1 & W; rm f; W; W; wait $!; echo $?; cat o",
	"seq 3 >f; seq 2 >g; tail --follow=name f g >o 2>&1 & W; rm f; W; W; echo a >>g; W; " +
		"kill $!; cat o",
	"tail -s 0.1 -F f >o 2>&1 & W; echo b >f; W; W; echo c >>f; W; kill $!; cat o",
	"tail -s 0.1 --follow=name --retry f >o 2>&1 & W; echo b >f; W; W; kill $!; cat o",
	"seq 3 >g; tail -F f g >o 2>&1 & W; echo b >f; W; W; echo c >>g; W; kill $!; cat o",
	"tail -f f; echo $?; tail --follow=name f; echo $?",
	"seq 3 >g; tail -s 0.1 -f f g >o 2>&1 & W; echo a >>g; W; kill $!; cat o",
	"seq 3 >f; sleep 1 & tail -s 0.1 --pid=$! -f f; echo $?",
	"seq 3 >f; sleep 0.2 & tail --pid=$! -s .1 -f f nofile; echo $?",
	"seq 3 >f; sleep 3 & p=$!; (W; echo a >>f) & tail -s 0.1 --pid=$p -f f; echo $?",
	"seq 3 | tail -f -n 1; echo $?", "seq 3 | tail -f -n 1 -; echo $?",
	"seq 3 >f; tail -f f | head -n 2; echo $?",
	"seq 3 >f; (W; W; echo a >>f; W; echo b >>f) & tail -f f | head -n 4",
	"seq 3 >f; x=$(tail -f f | head -n 1); echo $x", "seq 3 >f; timeout 1 tail -f f; echo $?",
	"seq 3 >f; trap 'echo t' TERM; (W; kill $$) & tail -f f & wait $!; kill $!",
	"printf 'a\\0b\\0c' >f; tail -z -n 1 -f f >o & W; printf 'd\\0' >>f; W; kill $!; od -c o",
}

// TestTailFollow judges tail -f while files change.
func TestTailFollow(t *testing.T) {
	ours := programAs(t, "sh")
	for _, row := range followRows {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			command := "W() { sleep 0.4; }\n" + row
			want, got := runShell(t, "dash", command), runShell(t, ours, command)
			if got != want {
				t.Errorf("got:\n%+v\nwant:\n%+v", got, want)
			}
		})
	}
}
