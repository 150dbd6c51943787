package builtins

import "strings"

// argKind says whether an option takes an argument.
type argKind byte

const (
	noArg argKind = iota
	needArg
	// optArg is an argument that only follows directly: --color=x, -ux.
	optArg
)

// An option is a row of a command's table of options. A key below 128 is the
// option's letter too; options that only have a long name take keys from
// longOnly up. Several long names may share a key.
type option struct {
	key  rune
	long string
	arg  argKind
}

// longOnly is the first key that is no letter.
const longOnly rune = 128

// everyTools are options that nearly every tool has. Like others with '!' for a key, they are
// left to the tool, and are here so that no abbreviation of theirs is taken for another's.
var everyTools = [...]option{{'!', "help", noArg}, {'!', "version", noArg}}

// A parsedOption is one option as it was given.
type parsedOption struct {
	key rune
	// has tells an empty argument from none.
	has   bool
	value string
	// long is its name, where it was given by that.
	long string
}

// named is what is said of an option that is for the system's tool.
func (o parsedOption) named() string {
	if o.long != "" {
		return "option '--" + o.long + "'"
	}
	return "option '-" + string(o.key) + "'"
}

// optionOrder says what the first operand means to the options behind it.
type optionOrder byte

const (
	// permute: options may follow operands, as with most GNU tools.
	permute optionOrder = iota
	// operandsLast: the first operand ends the options.
	operandsLast
)

// options parses Args by the rules of getopt_long(3). What it does not know
// comes back as problem, in the words that Unsupported wants, and then nothing
// else counts: the real tool may know that option, or has its own words for
// the mistake.
func (c *Call) options(spec []option, order optionOrder) (
	opts []parsedOption, operands []string, problem string) {
	return parseOptions(c.Args[1:], spec, c.order(order))
}

// order is that of the tool, or what POSIXLY_CORRECT makes of it.
func (c *Call) order(usual optionOrder) optionOrder {
	if c.Getenv("POSIXLY_CORRECT") != "" {
		return operandsLast
	}
	return usual
}

func parseOptions(args []string, spec []option, order optionOrder) (
	opts []parsedOption, operands []string, problem string) {
	p := optionParser{spec: spec, rest: args}
	for len(p.rest) > 0 && p.problem == "" {
		arg := p.next()
		switch {
		case arg == "--":
			return p.opts, append(operands, p.rest...), ""
		case strings.HasPrefix(arg, "--"):
			p.long(arg[2:])
		case len(arg) > 1 && arg[0] == '-':
			p.short(arg[1:])
		case order == operandsLast:
			return p.opts, append([]string{arg}, p.rest...), ""
		default:
			operands = append(operands, arg)
		}
	}
	return p.opts, operands, p.problem
}

type optionParser struct {
	spec    []option
	rest    []string
	opts    []parsedOption
	problem string
}

func (p *optionParser) next() string {
	arg := p.rest[0]
	p.rest = p.rest[1:]
	return arg
}

// long takes "name" or "name=value"; a prefix of a name will do while only
// one option has it.
func (p *optionParser) long(arg string) {
	name, value, has := strings.Cut(arg, "=")
	if name == optionProbe {
		p.problem = listed(p.spec)
		return
	}
	o, ok := p.findLong(name)
	if ok && o.key == '!' { // known by name, to be left to the tool
		name, ok = o.long, false
	}
	if !ok || has && o.arg == noArg {
		p.problem = "option '--" + name + "'"
		return
	}
	if !has && o.arg == needArg {
		if len(p.rest) == 0 {
			p.problem = "option '--" + name + "' without its argument"
			return
		}
		value, has = p.next(), true
	}
	p.opts = append(p.opts, parsedOption{o.key, has, value, o.long})
}

func (p *optionParser) findLong(name string) (found option, ok bool) {
	for i := range len(p.spec) + len(everyTools) {
		o := everyTools[max(i-len(p.spec), 0)]
		if i < len(p.spec) {
			o = p.spec[i]
		}
		if o.long == "" || !strings.HasPrefix(o.long, name) {
			continue
		}
		if o.long == name {
			return o, true
		}
		if ok && found.key != o.key {
			return option{}, false
		}
		found, ok = o, true
	}
	return found, ok
}

// short takes a bundle of letters, the last of which may have an argument.
func (p *optionParser) short(bundle string) {
	for i := 0; i < len(bundle); i++ {
		o, ok := p.findShort(bundle[i])
		if !ok {
			p.problem = "option '-" + bundle[i:i+1] + "'"
			return
		}
		if o.arg == noArg {
			p.opts = append(p.opts, parsedOption{key: o.key})
			continue
		}
		value, has := bundle[i+1:], i+1 < len(bundle)
		if !has && o.arg == needArg {
			if len(p.rest) == 0 {
				p.problem = "option '-" + bundle[i:i+1] + "' without its argument"
				return
			}
			value, has = p.next(), true
		}
		p.opts = append(p.opts, parsedOption{o.key, has, value, ""})
		return
	}
}

func (p *optionParser) findShort(letter byte) (option, bool) {
	for _, o := range p.spec {
		if o.key == rune(letter) && letter < 128 && letter != '!' {
			return o, true
		}
	}
	return option{}, false
}
