package shell

import "testing"

// TestUmask judges umask (XCU 4).
func TestUmask(t *testing.T) {
	for _, mode := range []string{"0", "000", "022", "0022", "7", "77", "777", "0777", "1777",
		"7777", "00000022", "8", "018", "1x", "-1", "+1", "' 22'", "''", "22 33",
		"u=rwx", "g=", "o=rx", "a=r", "ugo=rw", "u=rwx,g=rx,o=", "u+x", "g-w", "o+rwx", "a-x",
		"+x", "-w", "=r", "=", "+", "-", "u", "u=r,", ",u=r", "u=rg", "g=u", "o=g", "u=o",
		"go=u", "o+u", "u-g", "g-u", "g=u-w", "u+r-w", "u=r+w", "u=x=r", "ug=r,o+w", "u+r,u-r",
		"a+X", "u+X", "a=X",
		"u+s", "g+s", "o+t", "a+st", "u=rwxrwx", "ugoa=x", "au=r", "u=rw,g=q", "q=r", "u*r",
		"u=-", "g-", "o=", "u=r,,g=w", "a=rwx,", "uu=r", "u==r", "r", "rwx", "u=rwx g=r",
		"u=R", "755x", "0x12", "1e1", "u+w,g+w", "--", "-- 027", "-- u=r", "-S", "-S 027",
		"-S g=", "-SS", "-s", "-S -x", "-p", "u=g,g=u", "+rwx", "-rwx", "=rwx", "a-r", "a-",
		"u+,g=r"} {
		judge(t, row{script: "umask 022; umask " + mode + "; echo $?; umask; umask -S\n" +
			"umask 257; umask " + mode + "; echo $?; umask -S"})
	}
	same(t,
		`umask 077; > f; mkdir d; ls -ld f d | cut -c1-10`,
		`umask 027; (umask 0; > f; umask); umask; > g; ls -l f g | cut -c1-10`,
		`umask 027; x=$(umask 0; umask); echo $x; umask`,
		`umask 027; umask 0 | cat; umask; umask 077 & wait; umask`,
		`umask 0 > /nope/x; echo $?; umask`,
		`umask 0 || echo no; umask 9 || echo or; echo end`,
		`command umask 9; echo $?; umask -S > /dev/full; echo $?; umask > /dev/full; echo $?`,
		`umask 022; umask $(umask 077; umask); umask; umask $(umask -S); umask`,
		`umask 022; m=$(umask); umask 0; umask $m; umask; s=$(umask -S); umask 0; umask $s; `+
			`umask`,
		`umask 123; sh -c umask; sh -c 'umask 0'; umask; env sh -c umask`,
		`umask 777; > f; ls -l f | cut -c1-10; echo x > f; umask 022`,
		`umask 022; umask -- -x; echo $?; umask; umask -w; umask; umask -- -w; umask; `+
			`umask -- -r,u=r; umask`)
}

// TestUlimit judges ulimit (XCU 4).
func TestUlimit(t *testing.T) {
	for _, l := range []string{"t", "f", "d", "s", "c", "m", "l", "p", "n", "v", "w", "r"} {
		each(t, "", "ulimit -"+l+"; echo $?", "ulimit -H"+l+"; ulimit -S"+l+"; ulimit -HS"+l+
			"; ulimit -H -"+l+"; ulimit -"+l+" -S; ulimit -S -H -"+l)
	}
	for _, l := range []string{"f", "d", "c", "m", "l", "w", "r"} {
		// The values are below any usual limit.
		each(t, "", "ulimit -S"+l+" 0; ulimit -S"+l+"; ulimit -"+l+"; [ \"$(ulimit -H"+l+
			")\" = 0 ] && echo hard", "(ulimit -"+l+" 0; ulimit -H"+l+"; ulimit -S"+l+"); ulimit -"+
			l)
	}
	same(t,
		`ulimit -f 100; ulimit; ulimit -f; ulimit 50; ulimit; ulimit -H; ulimit -S`,
		`ulimit -S -f 10; ulimit -H -f; ulimit -f`,
		`ulimit -H -f 20; ulimit -H -f; ulimit -f`,
		`ulimit -HS -f 20; ulimit -Hf; ulimit -Sf`,
		`ulimit -Sf 10; ulimit -Hf 5; echo $?; ulimit -Hf`,
		`ulimit -f 10; ulimit -Sf 20; echo $?`,
		`ulimit -f unlimited; echo $?; ulimit -f`,
		`ulimit -f ''; echo $?`,
		`ulimit -f x; echo $?`,
		`ulimit -f -1; echo $?`,
		`ulimit -f 1x; echo $?`,
		`ulimit -f 1 2; echo $?`,
		`ulimit -f hard; echo $?`,
		`ulimit -f soft; echo $?`,
		`ulimit -f ' 1'; echo $?`,
		`ulimit -f +1; echo $?`,
		`ulimit -f 0x10; echo $?`,
		`ulimit -Sf 010; ulimit -f`,
		`ulimit -x; echo $?`,
		`ulimit -q 1; echo $?`,
		`ulimit --; echo $?`,
		`ulimit -- 100; ulimit`,
		`ulimit -a | wc -l; ulimit -a; ulimit -Ha; ulimit -Sa; ulimit -HSa`,
		`ulimit -a x; echo $?`,
		`ulimit -fa | wc -l; ulimit -af | wc -l; ulimit -nf; ulimit -fn`,
		`ulimit -Sc 0; ulimit -c; ulimit -Sc unlimited; ulimit -c`,
		`ulimit -f 1; sh -c 'ulimit -f'; (ulimit -Sf 0; ulimit -f); ulimit -f; `+
			`x=$(ulimit -Sf 0; ulimit -f); echo $x; ulimit -f`,
		`ulimit -Sf 9999999999999999999999; echo $?`,
		`ulimit -Sv 99999999; ulimit -v; ulimit -Sd 99999999; ulimit -d`,
		`command ulimit -f x; echo $?; ulimit -f x || echo or; ulimit > /dev/full; echo $?; `+
			`ulimit -a > /dev/full; echo $?; ulimit > /nope/x; echo $?`,
		`ulimit -f 2; dd if=/dev/zero of=f bs=512 count=2 2>/dev/null; echo $?; rm f`,
		`ulimit -n 64; ulimit -n; exec 9> f; echo x >&9; cat f`)
}

// TestStartedWith checks that the shell and its programs see the soft limits, mask and closed
// descriptors with which the shell was started, unchanged when the script begins (XCU 2.12).
func TestStartedWith(t *testing.T) {
	const shows = "ulimit -n; ulimit -Hn; umask; (ulimit -n); echo $(ulimit -n); { ulimit -n; " +
		"umask; } & wait; " +
		"sh -c 'ulimit -n; umask'; env dash -c 'ulimit -n; ulimit -Hn; umask'; " +
		"exec dash -c 'ulimit -n; umask'"
	for _, with := range []string{
		":", "ulimit -Sn 256", "ulimit -n 64", "ulimit -Hn 512", "ulimit -Sc 0",
		"ulimit -f 100", "umask 0", "umask 777",
		"ulimit -Sn 99; umask 007",
	} {
		judge(t, row{driver: true, script: "# " + with + "\n(" + with + "; exec ./sh -c " +
			quoted(shows) + ")\n"})
	}
	for _, closed := range []string{"<&-", ">&-", "2>&-", "<&- >&-", "<&- >&- 2>&-"} {
		judge(t, row{driver: true, script: "# " + closed +
			"\n./sh -c 'echo a; read x; echo $? >f; echo b >&2; echo c >>f; cat f; : <f; " +
			"sh -c \"cat f\" >g' " + closed + "\n"})
	}
}
