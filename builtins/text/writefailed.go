package text

import (
	"errors"

	"golang.org/x/sys/unix"

	"overlayboot/builtins/base/clib"
	"overlayboot/builtins/native"
)

// ExprWriteFailed reports a failed write of expr(1).
func ExprWriteFailed(c *native.Call, err error, _ bool) int {
	c.Errorf("write error: %s", clib.Strerror(err))
	return 3
}

// GrepWriteFailed reports a failed write of grep(1).
func GrepWriteFailed(c *native.Call, err error, _ bool) int {
	c.Errorf("write error: %s", clib.Strerror(err))
	return 2
}

// HeadWriteFailed reports a failed write of head(1) and tail(1).
func HeadWriteFailed(c *native.Call, err error, atEnd bool) int {
	if atEnd {
		return c.WriteError(err)
	}
	c.Errorf("error writing %s: %s", native.QuoteAlways("standard output"), clib.Strerror(err))
	return 1
}

// PasteWriteFailed reports a failed write of paste(1), which reports it twice unless it was the
// last write.
func PasteWriteFailed(c *native.Call, err error, atEnd bool) int {
	c.Errorf("write error: %s", clib.Strerror(err))
	if !atEnd {
		c.Errorf("write error")
	}
	return 1
}

// SedWriteFailed reports a failed write of sed(1), which names the failed operation.
func SedWriteFailed(c *native.Call, err error, atEnd bool) int {
	failed := "write 1 item to"
	switch {
	case atEnd && errors.Is(err, unix.EBADF):
		failed = "close"
	case atEnd:
		failed = "flush"
	}
	c.Errorf("couldn't %s stdout: %s", failed, clib.Strerror(err))
	return 4
}

// SortWriteFailed reports a failed write of sort(1), which names the failed operation.
func SortWriteFailed(c *native.Call, err error, atEnd bool) int {
	failed := "write"
	if atEnd {
		failed = "fflush"
	}
	c.Errorf("%s failed: %s: %s", failed, native.QuoteAlways("standard output"), clib.Strerror(err))
	c.Errorf("write error")
	return 2
}

// TrWriteFailed reports a failed write of tr(1), which reports it twice: tr closes its output
// after the first error, and then cannot name the reason.
func TrWriteFailed(c *native.Call, err error, atEnd bool) int {
	c.Errorf("write error: %s", clib.Strerror(err))
	switch {
	case atEnd:
	case errors.Is(err, unix.EBADF):
		c.Errorf("write error: %s", clib.Strerror(err))
	default:
		c.Errorf("write error")
	}
	return 1
}

// WcWriteFailed reports a failed write of wc(1).
func WcWriteFailed(c *native.Call, err error, _ bool) int {
	if errors.Is(err, unix.EBADF) {
		return c.WriteError(err)
	}
	c.Errorf("write error")
	return 1
}
