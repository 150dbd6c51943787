package regex

// An Error is an error in an expression, with the message of the C library.
type Error string

// Error returns the message.
func (e Error) Error() string { return string(e) }

// The messages of regerror(3) in the C library.
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
	// ErrClassSyntax is no error of the C library. grep and sed report it themselves, without
	// the place in the script, and sed then ends with status 4.
	ErrClassSyntax Error = "character class syntax is [[:space:]], not [:space:]"
	// ErrWork is a match that was given up because it needed too much time.
	ErrWork Error = "regular expression needs too many steps"
)
