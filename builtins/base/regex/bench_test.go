package regex

import (
	"bytes"
	"strconv"
	"testing"
)

// benchText returns text like a log: lines of some words and numbers.
func benchText() []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < 8<<20; i++ {
		b.WriteString("Nov 27 host daemon[" + strconv.Itoa(i) + "]: connection from 10.0.")
		b.WriteString(strconv.Itoa(i%256) + " port " + strconv.Itoa(i*7919%65536) + " closed\n")
	}
	return b.Bytes()
}

func BenchmarkIndexLine(b *testing.B) {
	text := benchText()
	for _, p := range []string{"nowhere", "port 77[0-9]$", "[0-9]+x", "(foo|bar|quux)+z", "é.*x",
		`\<clo[rst]ed\>.`} {
		for _, f := range []Flags{Grep, Grep | UTF8, Grep | UTF8 | IgnoreCase} {
			f |= Extended
			b.Run(p+"/"+strconv.Itoa(int(f)), func(b *testing.B) {
				re, err := compileOne(p, f)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					for at := 0; at < len(text); {
						_, to := re.IndexLine(text[at:])
						if to < 0 {
							break
						}
						at += to + 1
					}
				}
			})
		}
	}
}

func BenchmarkFind(b *testing.B) {
	line := []byte("Nov 27 host daemon[4711]: connection from 10.0.23 port 7919 closed")
	for _, p := range []string{`(.*) port ([0-9]+)`, `([a-z]+)\[([0-9]+)\]`, `(.)\1`} {
		b.Run(p, func(b *testing.B) {
			re, err := compileOne(p, Extended|Sed)
			if err != nil {
				b.Fatal(err)
			}
			var loc [6]int
			for b.Loop() {
				re.Find(line, 0, false, loc[:])
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, p := range []string{"abc", "[[:alpha:]_]+", `\w\W`, "[[:punct:]]"} {
		for _, f := range []Flags{0, UTF8, UTF8 | IgnoreCase} {
			b.Run(p+"/"+strconv.Itoa(int(f)), func(b *testing.B) {
				for b.Loop() {
					if _, err := compileOne(p, f); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkBackrefs measures a search with back-references, which spends most of its time on
// positions without a match.
func BenchmarkBackrefs(b *testing.B) {
	text := bytes.Split(benchText()[:1<<20], []byte("\n"))
	for _, p := range []string{`([a-z])\1\1`, `(.)(.)\2\1x`, `([a-z]+) \1`, `^(.*)\1$`} {
		b.Run(p, func(b *testing.B) {
			re, err := compileOne(p, Extended|Grep)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(1 << 20)
			for b.Loop() {
				for _, line := range text {
					re.Match(line)
				}
			}
		})
	}
}
