package regex

// An Error is what is wrong with an expression, in the words of the C library.
type Error string

func (e Error) Error() string { return string(e) }

// The C library's texts, of regerror(3).
const (
	ErrPattern    Error = "Invalid regular expression"
	ErrCollate    Error = "Invalid collation character"
	ErrClassName  Error = "Invalid character class name"
	ErrBackslash  Error = "Trailing backslash"
	ErrBackref    Error = "Invalid back reference"
	ErrBracket    Error = "Unmatched [, [^, [:, [., or [="
	ErrParen      Error = `Unmatched ( or \(`
	ErrBrace      Error = `Unmatched \{`
	ErrInterval   Error = `Invalid content of \{\}`
	ErrRange      Error = "Invalid range end"
	ErrMemory     Error = "Memory exhausted"
	ErrRepeat     Error = "Invalid preceding regular expression"
	ErrTooBig     Error = "Regular expression too big"
	ErrRightParen Error = `Unmatched ) or \)`
	// ErrClassSyntax is not the C library's: grep and sed say so themselves,
	// without the place in the script, and sed ends with status 4 then.
	ErrClassSyntax Error = "character class syntax is [[:space:]], not [:space:]"
	// ErrWork is a match that was given up, since it would not end.
	ErrWork Error = "regular expression needs too many steps"
)
