package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"

	"golang.org/x/sys/unix"
)

// A Part is a function of this program that runs in a sandbox. The outer side sends it an
// order and receives its answer, both as JSON. The program calls Stage of each of its parts
// after [Stage].
type Part[Order, Answer any] struct {
	// Name is the only argument of the program on the inner side.
	Name string
	Do   func(Order) (Answer, error)
}

// Stage is the inner side. If this process was started for the part, Stage runs it and
// exits; otherwise Stage returns.
func (p Part[Order, Answer]) Stage() {
	if !Inside() || len(os.Args) != 2 || os.Args[1] != p.Name {
		return
	}
	if err := p.stage(); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", p.Name, err)
		os.Exit(2)
	}
	os.Exit(0)
}

// stage moves both ends of the conversation to descriptors that the part's children do not
// inherit.
func (p Part[Order, Answer]) stage() error {
	unix.CloseOnExec(Changes)
	in, err := moved(0, "/dev/null")
	if err != nil {
		return err
	}
	out, err := moved(1, "/dev/stderr")
	if err != nil {
		return err
	}
	var order Order
	if err := json.NewDecoder(in).Decode(&order); err != nil {
		return err
	}
	answer, err := p.Do(order)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(answer)
}

// moved returns a close-on-exec duplicate of a standard file, and puts another file in its
// place.
func moved(fd int, instead string) (*os.File, error) {
	n, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 10)
	if err != nil {
		return nil, os.NewSyscallError("fcntl", err)
	}
	from := 2
	if instead != "/dev/stderr" {
		if from, err = unix.Open(instead, unix.O_RDONLY|unix.O_CLOEXEC, 0); err != nil {
			return nil, os.NewSyscallError("open "+instead, err)
		}
		defer unix.Close(from)
	}
	if err := unix.Dup3(from, fd, 0); err != nil {
		return nil, os.NewSyscallError("dup3", err)
	}
	return os.NewFile(uintptr(n), instead), nil
}

// Bare runs the part in a bare sandbox (see [RunBare]).
func (p Part[Order, Answer]) Bare(ctx context.Context, order Order) (Answer, error) {
	return p.ask(ctx, order, RunBare)
}

// Private runs the part in a sandbox with a private root (see [RunPrivate]).
func (p Part[Order, Answer]) Private(ctx context.Context, root Root, order Order) (Answer, error) {
	return p.ask(ctx, order, func(ctx context.Context, cmd *exec.Cmd) error {
		return RunPrivate(ctx, root, cmd)
	})
}

func (p Part[Order, Answer]) ask(ctx context.Context, order Order,
	run func(context.Context, *exec.Cmd) error) (answer Answer, err error) {
	text, err := json.Marshal(order)
	if err != nil {
		return answer, err
	}
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(ctx, "/proc/self/exe", p.Name)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(text), &out, &errs
	if err = run(ctx, cmd); err == nil {
		err = json.Unmarshal(out.Bytes(), &answer)
	}
	if err != nil {
		return answer, fmt.Errorf("sandbox: %w\n%s", err, &errs)
	}
	return answer, nil
}
