package shell

// A difference is a row on which the two shells do not agree, for a reason: want
// is what ours prints.
type difference struct{ reason, want string }

const (
	needsAdapter = "the parser refuses what dash accepts, or finds out only when it runs"
	wordingLine  = "dash has read the next line when it finds the error"
)
