package site

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCables reads words of CABLES as setup_veth_cables does.
func TestCables(t *testing.T) {
	for _, row := range []struct {
		text string
		want []Cable
	}{
		{"", nil},
		{"=", []Cable{{Host: "n0"}}},
		{"br0=02:00:00:00:00:01 = br1=", []Cable{{Host: "n0", Bridge: "br0", MAC: "02:00:00:00:00:01"},
			{Host: "n1"}, {Host: "n2", Bridge: "br1"}}},
		{"br0= br1=.302 =.7 =", []Cable{{Host: "n0", Bridge: "br0"},
			{Host: "n0.302", Bridge: "br1", VLAN: "302"}, {Host: "n0.7", VLAN: "7"}, {Host: "n1"}}},
	} {
		got, ok := ParseConfig("/x/n.conf", []byte("CABLES= "+row.text+"\n")).Cables("n")
		if d := cmp.Diff(row.want, got); d != "" || !ok {
			t.Errorf("%q: %v -want +got\n%s", row.text, ok, d)
		}
	}
	if _, ok := ParseConfig("/x/n.conf", []byte("CABLES=!cmd\n")).Cables("n"); ok {
		t.Error("the output of a command is known")
	}
}

// TestParseShare reads values of SHARE as share_parts does.
func TestParseShare(t *testing.T) {
	for text, want := range map[string]Share{
		"/a": {"/a", "/a", false}, "/a:/b": {"/a", "/b", false}, "/a:b": {"/a", "/b", false},
		"/a:/b:ro": {"/a", "/b", true}, "/a::ro": {"/a", "/a", true}, "/a:ro": {"/a", "/ro", false},
		"a": {"/base/a", "/base/a", false}, "a:/b/": {"/base/a", "/b", false},
	} {
		if got := ParseShare(text, "/base"); got != want {
			t.Errorf("%s: %+v, want %+v", text, got, want)
		}
	}
}

// TestAddresses reads the lines for ADDRESS as names_config does.
func TestAddresses(t *testing.T) {
	text := "X=\nADDRESS= 10.0.0.2/24 via 10.0.0.1\nADDRESS=\n" +
		"ADDRESS=fd00::2/64 \\\nADDRESS=10.1.0.2/8\n"
	var got []string
	for _, v := range ParseConfig("/x/n.conf", []byte(text)).Addresses() {
		got = append(got, v.Text)
	}
	want := []string{"10.0.0.2/24 via 10.0.0.1", "", "fd00::2/64 10.1.0.2/8"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
