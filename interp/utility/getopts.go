package utility

import "strings"

// A GetoptsState is the position of getopts in its arguments. The zero value is the start, and
// so is the effect of assigning 1 to OPTIND. The caller assigns other numbers to Index, with
// Offset 0.
type GetoptsState struct {
	// Index is the value of OPTIND.
	Index int
	// Offset is the index of the next option letter in the word before Index, 0 at the end of
	// that word.
	Offset int
}

// Getopts finds the next option in args. name is the value for the variable, and status is 1 at
// the end of the options. optarg is the value for OPTARG, nil to unset it. message has no
// newline and goes to standard error as it is, without the name of the script. The caller
// assigns state.Index to OPTIND.
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

// next returns the rest of the current word, or the letters of the next word if it has options,
// and steps behind the word. It returns "" at the end.
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

// option looks up a letter. A colon in front or behind a letter is no letter.
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
