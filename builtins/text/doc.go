// Package text holds the commands that read and write text (awk, grep, sed, sort …), each as a
// function over a native.Call. What they print is what the tools of GNU, and mawk, print.
package text
