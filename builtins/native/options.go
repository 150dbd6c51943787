package native

import "strings"

// Not every command line is a list of options. These natives read theirs by a grammar of their
// own, and have no table:
//
//   - ip, bridge and brctl take words in an order that each object and verb has for itself
//     ("ip route add DEST via GATE dev NAME"). A word may be an abbreviation, a value or a
//     keyword, depending on the words before it. Options in front are words with one dash,
//     where getopt sees bundles of letters ("-br" is short for -brief).
//   - find, expr and test take an expression. Its words are operators and operands, whose order
//     is the meaning; "-name" is a primary of find, and "-a" an operator of test.
//   - dd takes assignments, "bs=1M". A dash has no meaning in them.

// An ArgKind tells whether an option takes an argument.
type ArgKind byte

// The values of ArgKind.
const (
	NoArg ArgKind = iota
	NeedArg
	// OptArg is an optional argument, which has to follow directly: --color=x, -ux.
	OptArg
)

// An Option is a row of a command's option table. A key below 128 is also the option's letter;
// an option with only a long name has a key from LongOnly up. Several long names may share a
// key. A key '!' marks an option that only the system's tool has.
type Option struct {
	Key  rune
	Long string
	Arg  ArgKind
}

// LongOnly is the first key that is not a letter.
const LongOnly rune = 128

// Bare is added to the letter of an option without a dash; see BareWords.
const Bare rune = 1 << 16

// everyTools are options of nearly every tool. The tool handles them, as every option with the
// key '!'. They are listed so that an abbreviation of them is not taken for another option.
var everyTools = [...]Option{{'!', "help", NoArg}, {'!', "version", NoArg}}

// A GivenOption is an option as the caller gave it.
type GivenOption struct {
	Key rune
	// Has distinguishes an empty argument from none.
	Has   bool
	Value string
	// long is the long name, if the option was given by that.
	long string
}

// Named returns the words for Unsupported about an option that only the system's tool handles.
func (o GivenOption) Named() string {
	switch {
	case o.long != "":
		return "option '--" + o.long + "'"
	case o.Key >= Bare:
		return "option '" + string(o.Key-Bare) + "'"
	}
	return "option '-" + string(o.Key) + "'"
}

// optionOrder tells whether options may follow the first operand.
type optionOrder byte

const (
	// Permute allows options after operands, as most GNU tools do.
	Permute optionOrder = iota
	// OperandsLast ends the options at the first operand.
	OperandsLast
	// BareWords are the rules of ps, which are not getopt's. A word without a dash is a bundle
	// of letters of its own ("ps h o pid"), except for a word that begins with a digit. A long
	// name is never abbreviated, and "--" is an error.
	BareWords
)

// Options parses Args by the rules of getopt_long(3). For an unknown option it returns a
// problem, in the words for Unsupported, and the other results do not count: the real tool may
// know the option, or has its own message for the mistake.
func (c *Call) Options(spec []Option, order optionOrder) (
	opts []GivenOption, operands []string, problem string) {
	return ParseOptions(c.Args[1:], spec, c.Order(order))
}

// Order returns the usual order of the tool, or OperandsLast if POSIXLY_CORRECT is set.
func (c *Call) Order(usual optionOrder) optionOrder {
	if c.Getenv("POSIXLY_CORRECT") != "" {
		return OperandsLast
	}
	return usual
}

// ParseOptions is Call.Options for any list of arguments.
func ParseOptions(args []string, spec []Option, order optionOrder) (
	opts []GivenOption, operands []string, problem string) {
	p := optionParser{spec: spec, rest: args, order: order}
	for len(p.rest) > 0 && p.problem == "" {
		arg := p.next()
		switch {
		case arg == "--" && order != BareWords:
			return p.opts, append(operands, p.rest...), ""
		case strings.HasPrefix(arg, "--"):
			p.long(arg[2:])
		case len(arg) > 1 && arg[0] == '-':
			p.short(arg[1:], "-", 0)
		case order == OperandsLast:
			return p.opts, append([]string{arg}, p.rest...), ""
		case order == BareWords && !beginsNumber(arg):
			p.bare(arg)
		default:
			operands = append(operands, arg)
		}
	}
	return p.opts, operands, p.problem
}

func beginsNumber(arg string) bool { return arg != "" && arg[0] >= '0' && arg[0] <= '9' }

type optionParser struct {
	spec    []Option
	rest    []string
	order   optionOrder
	opts    []GivenOption
	problem string
}

func (p *optionParser) next() string {
	arg := p.rest[0]
	p.rest = p.rest[1:]
	return arg
}

// long parses "name" or "name=value". A prefix of a name suffices if it fits only one option.
func (p *optionParser) long(arg string) {
	name, value, has := strings.Cut(arg, "=")
	if name == optionProbe {
		p.problem = listed(p.spec)
		return
	}
	o, ok := p.findLong(name)
	if ok && o.Key == '!' { // known only by name; the tool handles it
		name, ok = o.Long, false
	}
	if !ok || has && o.Arg == NoArg {
		p.problem = "option '--" + name + "'"
		return
	}
	if !has && o.Arg == NeedArg {
		if len(p.rest) == 0 {
			p.problem = "option '--" + name + "' without its argument"
			return
		}
		value, has = p.next(), true
	}
	p.opts = append(p.opts, GivenOption{o.Key, has, value, o.Long})
}

// findLong returns the option with a long name. Otherwise it returns the only one that begins
// so; an exact name counts even where it begins another one.
func (p *optionParser) findLong(name string) (found Option, ok bool) {
	several := false
	for i := range len(p.spec) + len(everyTools) {
		o := everyTools[max(i-len(p.spec), 0)]
		if i < len(p.spec) {
			o = p.spec[i]
		}
		switch {
		case o.Long == "" || !strings.HasPrefix(o.Long, name):
		case o.Long == name:
			return o, true
		case ok && found.Key != o.Key:
			several = true
		default:
			found, ok = o, true
		}
	}
	return found, ok && !several && p.order != BareWords
}

// bare parses a word without a dash.
func (p *optionParser) bare(word string) {
	if word == "" {
		p.problem = "empty argument"
		return
	}
	p.short(word, "", Bare)
}

// short parses a bundle of letters, the last of which may have an argument. Their keys begin
// at base; mark is what stands before a letter in messages.
func (p *optionParser) short(bundle, mark string, base rune) {
	for i := 0; i < len(bundle); i++ {
		named := "option '" + mark + bundle[i:i+1] + "'"
		o, ok := p.findShort(bundle[i], base)
		if !ok {
			p.problem = named
			return
		}
		if o.Arg == NoArg {
			p.opts = append(p.opts, GivenOption{Key: o.Key})
			continue
		}
		value, has := bundle[i+1:], i+1 < len(bundle)
		if !has && o.Arg == NeedArg {
			if len(p.rest) == 0 {
				p.problem = named + " without its argument"
				return
			}
			value, has = p.next(), true
		}
		p.opts = append(p.opts, GivenOption{o.Key, has, value, ""})
		return
	}
}

func (p *optionParser) findShort(letter byte, base rune) (Option, bool) {
	for _, o := range p.spec {
		if o.Key == base+rune(letter) && letter < 128 && letter != '!' {
			return o, true
		}
	}
	return Option{}, false
}
