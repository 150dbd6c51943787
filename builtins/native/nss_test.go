package native

import "testing"

// TestAsksElsewhere checks the rules of nsswitch.conf(5), as glibc reads the file.
func TestAsksElsewhere(t *testing.T) {
	for text, want := range map[string]bool{
		"": false, "passwd: files": false, "passwd:compat\n": false,
		"passwd: files compat # ldap\n": false,
		"passwd: files systemd":         true, "  passwd :\tfiles\tsss\n": true,
		"passwd: ldap files":                 true,
		"group: files ldap\npasswd: files\n": false, "#passwd: files ldap\n": false,
		"passwd: files [NOTFOUND=return]": false, "passwd: files [NOTFOUND=return] ldap": true,
		"passwd: files [SUCCESS=merge UNAVAIL=return]extrausers": true, "passwd:\n": false,
		"passwd_compat: nis\n": false, "passwd files ldap": false, "passwd: files [x": false,
	} {
		if got := asksElsewhere(text, "passwd"); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
