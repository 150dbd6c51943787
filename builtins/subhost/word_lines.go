package subhost

import (
	"strings"

	"overlayboot/builtins/base/fsys"
)

const errQuote = fsys.Error("a quote is not closed")

// wordLines splits a text into lines, and each line into words at blanks and tabs, as the shell
// does. Inside a word, '...' quotes its content, and elsewhere a backslash quotes the next
// byte. That suffices for the output of the function "quote" of the boot scripts. Nothing else
// is special, and a newline cannot be quoted. Lines without words are dropped.
func wordLines(text string) (lines [][]string, err error) {
	for line := range strings.Lines(text) {
		words, err := splitWords(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, err
		}
		if len(words) > 0 {
			lines = append(lines, words)
		}
	}
	return lines, nil
}

func splitWords(line string) (words []string, err error) {
	var word strings.Builder
	inWord := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case ' ', '\t':
			if inWord {
				words = append(words, word.String())
			}
			inWord = false
			word.Reset()
			continue
		case '\'':
			end := strings.IndexByte(line[i+1:], '\'')
			if end < 0 {
				return nil, errQuote
			}
			word.WriteString(line[i+1 : i+1+end])
			i += end + 1
		case '\\':
			if i++; i == len(line) {
				return nil, errQuote
			}
			word.WriteByte(line[i])
		default:
			word.WriteByte(c)
		}
		inWord = true
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}
