package text

import "strings"

// A GetoptsState is how far getopts has come. The zero value is the start, and
// what an assignment of 1 to OPTIND makes it; another number goes to Index,
// with Offset 0.
type GetoptsState struct {
	// Index is the value of OPTIND.
	Index int
	// Offset is where in the word before Index the next option letter is, 0
	// when that word is done.
	Offset int
}

// Getopts finds the next option in args. The name is for the variable, status
// is 1 at the end of the options. OPTARG gets the value, or is unset if that is
// nil. A message, without newline, goes to standard error as it is, without the
// name of the script. The caller assigns state.Index to OPTIND.
func Getopts(optstring string, args []string, state *GetoptsState) (
	name string, optarg *string, status int, message string,
) {
	word := state.next(args)
	if word == "" {
		return "?", nil, 1, ""
	}
	letter := word[:1]
	word = word[1:]
	index := state.Index
	known, takes := option(optstring, letter[0])
	silent := strings.HasPrefix(optstring, ":")
	switch {
	case !known:
		name, optarg, message = "?", &letter, "Illegal option -"+letter
	case !takes:
		name = letter
	case word == "" && index > len(args):
		name, optarg, message = ":", &letter, "No arg for -"+letter+" option"
	default:
		if word == "" {
			word = args[index-1]
			index++
		}
		value := word
		name, optarg, word = letter, &value, ""
	}
	if message != "" && silent {
		message = ""
	} else if message != "" {
		name, optarg = "?", nil
	}
	*state = GetoptsState{Index: index}
	if word != "" {
		state.Offset = len(args[index-2]) - len(word)
	}
	return name, optarg, 0, message
}

// next returns the rest of the word that getopts is at, or of the next one when
// it holds options, and steps behind it; "" at the end.
func (state *GetoptsState) next(args []string) string {
	index, offset := state.Index, state.Offset
	if index < 1 || index > len(args)+1 {
		index, offset = 1, 0
	}
	*state = GetoptsState{Index: index}
	if index > 1 && offset > 0 && offset < len(args[index-2]) {
		return args[index-2][offset:]
	}
	if index > len(args) || len(args[index-1]) < 2 || args[index-1][0] != '-' {
		return ""
	}
	state.Index++
	if args[index-1] == "--" {
		return ""
	}
	return args[index-1][1:]
}

// option looks a letter up; a colon in front or after a letter is no letter.
func option(optstring string, letter byte) (known, takes bool) {
	for i := 0; i < len(optstring); i++ {
		takes := i+1 < len(optstring) && optstring[i+1] == ':'
		if optstring[i] == letter {
			return true, takes
		}
		if takes {
			i++
		}
	}
	return false, false
}
