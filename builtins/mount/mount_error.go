package mount

// A callError is a failed mount(2), with the flags of the call.
type callError struct {
	target string
	flags  uintptr
	err    error
}

// Error names the target and the error; mountRequest.report has the words of mount(8).
func (e *callError) Error() string { return "mount " + e.target + ": " + e.err.Error() }

// Unwrap returns the error number.
func (e *callError) Unwrap() error { return e.err }
