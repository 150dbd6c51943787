package suites

import (
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// helperSources are short replacements for the programs that the suites build for their
// tests.
var helperSources = map[string]string{
	// get-mb-cur-max LOCALE prints the greatest number of bytes in a character; status 1 if
	// there is no such locale.
	"get-mb-cur-max": `#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
int main(int c, char **v) {
	if (c < 2 || !setlocale(LC_ALL, v[1])) return 1;
	return printf("%d\n", (int) MB_CUR_MAX) < 0;
}`,
	// test-mbrtowc prints the result of mbrtowc for each byte of the input.
	"test-mbrtowc": `#include <locale.h>
#include <stdio.h>
#include <wchar.h>
int main(void) {
	mbstate_t st = {0}; wchar_t w; int c; const char *sep = "";
	if (!setlocale(LC_ALL, "")) return 1;
	while ((c = getchar()) != EOF) {
		char b = c;
		printf("%s%d", sep, (int) mbrtowc(&w, &b, 1, &st));
		sep = ",";
	}
	return puts("") < 0;
}`,
}

// configHeader is the part of the build configuration that the tests look up, with the
// values for Linux.
const configHeader = `#define HAVE_UTIMENSAT 1
#define HAVE_LUTIMES 1
#define HAVE_OPENAT 1
#define HAVE_LINKAT 1
#undef LINKAT_SYMLINK_NOTSUP
#define HAVE_INOTIFY 1
#define HAVE_PTHREAD_T 1
#define USE_ACL 1
#define USE_XATTR 1
#define HAVE_CAP 1
`

// locales are the locales that the tests ask for, with their character sets.
var locales = [...][2]string{
	{"en_US.UTF-8", "UTF-8"}, {"fr_FR", "ISO-8859-1"}, {"fr_FR.UTF-8", "UTF-8"},
	{"tr_TR.UTF-8", "UTF-8"}, {"ru_RU.UTF-8", "UTF-8"}, {"ru_RU.KOI8-R", "KOI8-R"},
	{"ja_JP.EUC-JP", "EUC-JP"}, {"ja_JP", "EUC-JP"}, {"el_GR.iso88597", "ISO-8859-7"},
	{"zh_CN.UTF-8", "UTF-8"}, {"en_US.iso88591", "ISO-8859-1"},
}

// valgrind is a stand-in that only runs the program. What the genuine one finds in the
// system's tools says nothing about a native.
const valgrind = `#!/bin/sh
while [ "${1#-}" != "$1" ]; do shift; done
exec "$@"
`

// makeShared builds the helpers and locales in dir, once. A test that needs more reports
// itself as not applicable.
func makeShared(dir string) error {
	if _, err := os.Stat(filepath.Join(dir, "config.h")); err == nil {
		return nil
	}
	for _, sub := range [...]string{"bin", "locales"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	for name, text := range helperSources {
		cmd := exec.Command("gcc", "-x", "c", "-o", filepath.Join(dir, "bin", name), "-")
		cmd.Stdin = strings.NewReader(text)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	for _, l := range locales {
		language, _, _ := strings.Cut(l[0], ".")
		// Status 1 is a warning if the locale was made; otherwise the tests skip.
		_ = exec.Command("localedef", "-i", language, "-f", l[1],
			filepath.Join(dir, "locales", l[0])).Run()
	}
	for name, text := range map[string]string{"getlimits": getlimits(), "valgrind": valgrind} {
		if err := os.WriteFile(filepath.Join(dir, "bin", name), []byte(text), 0o755); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, "config.h"), []byte(configHeader), 0o644)
}

// getlimits returns a script that prints the limits of C's types on a 64-bit machine, and
// the numbers beyond them (_OFLOW, _UFLOW).
func getlimits() string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\ncat <<END\n")
	for _, t := range [...]struct {
		name   string
		bits   uint
		signed bool
	}{
		{"CHAR", 8, true}, {"SCHAR", 8, true}, {"UCHAR", 8, false}, {"SHRT", 16, true},
		{"INT", 32, true}, {"UINT", 32, false}, {"LONG", 64, true}, {"ULONG", 64, false},
		{"SIZE", 64, false}, {"SSIZE", 64, true}, {"TIME_T", 64, true}, {"UID_T", 32, false},
		{"GID_T", 32, false}, {"PID_T", 32, true}, {"OFF_T", 64, true}, {"INTMAX", 64, true},
		{"UINTMAX", 64, false},
	} {
		one := big.NewInt(1)
		bits, low := t.bits, big.NewInt(0)
		if t.signed {
			bits--
			low = new(big.Int).Neg(new(big.Int).Lsh(one, bits))
		}
		over := new(big.Int).Lsh(one, bits)
		fmt.Fprintf(&b, "%s_MAX=%v\n%s_OFLOW=%v\n", t.name, new(big.Int).Sub(over, one), t.name, over)
		fmt.Fprintf(&b, "%s_MIN=%v\n%s_UFLOW=%v\n", t.name, low, t.name, new(big.Int).Sub(low, one))
	}
	b.WriteString("FLT_MIN=1.175494e-38\nFLT_MAX=3.402823e+38\n" +
		"DBL_MIN=2.225074e-308\nDBL_MAX=1.797693e+308\n" +
		"LDBL_MIN=3.362103e-4932\nLDBL_MAX=1.189731e+4932\nEND\n")
	return b.String()
}
