// Natives writes overlay-natives(7) to standard output: for each native command which
// options it takes itself, as its own table says, and which of those that the tool of this
// system tells of are left to that tool.
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
