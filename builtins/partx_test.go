package builtins

import "testing"

func TestPartx(t *testing.T) {
	const image = "truncate -s 64M i; sfdisk -q i >/dev/null <<E\n"
	const gpt = image + "label: gpt\n2048,8M\n,4M\n40960,1M\nE"
	const mbr = image + "label: dos\n2048,8M\n,4M\n,20M,E\n,2M\n,3M\nE"
	judge(t, []row{
		{setup: gpt, argv: "partx -g -r -o START,SECTORS -n 2 i"},
		{setup: gpt, argv: "partx -g -r -o NR,START,END,SECTORS i"},
		{setup: gpt, argv: "partx -g -r -o START -n 9 i"},
		{setup: mbr, argv: "partx -g -r -o NR,START,END,SECTORS i"},
		{setup: mbr, argv: "partx -g -r -o START,SECTORS -n 5 i"},
		{setup: mbr, argv: "partx -g -r -o START,SECTORS -n 6 i"},
		{setup: mbr, argv: "partx -g -r -o START,SECTORS -n 1 i"},
		{setup: "truncate -s 1M i", argv: "partx -g -r -o START i"},
		{setup: ":> i", argv: "partx -g -r -o START i"},
		{argv: "partx -g -r -o START nosuch"},
		{setup: gpt, argv: "partx -l i", lacks: true},
		{setup: gpt, argv: "partx -g -r -o NAME i", lacks: true},
	})
}
