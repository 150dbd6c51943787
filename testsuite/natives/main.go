// Natives writes overlay-natives(7) to standard output. The page lists for each native the
// options that it handles itself, according to its own table, and those options of this
// system's tool that it leaves to the tool.
package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	w := bufio.NewWriter(os.Stdout)
	writePage(w)
	if err := w.Flush(); err != nil {
		fmt.Fprintln(os.Stderr, "natives:", err)
		os.Exit(1)
	}
}
