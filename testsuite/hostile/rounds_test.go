package hostile

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"overlayboot/compat/sandbox"
)

// A level is the amount of each resource that a boot takes from the host.
type level struct {
	files, mounts, links, names, groups, processes int
	// blocks are the used blocks of /run, in pages.
	blocks uint64
	// memory is the kernel's memory for the sandbox in bytes; 0 if the kernel does not say.
	memory int
}

func (h *host) level() level {
	h.t.Helper()
	mounts, err := sandbox.Mounts(0)
	must(h.t, err)
	var run unix.Statfs_t
	must(h.t, unix.Statfs("/run", &run))
	text, _ := os.ReadFile(sandbox.CgroupRoot + "/memory.current")
	memory, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return level{
		files: len(sandbox.Files("/run")) + len(openFiles(os.Getpid())), mounts: len(mounts),
		links: len(sandbox.Links()), names: len(sandbox.NetNamespaces()),
		groups: len(sandbox.Cgroups()), processes: len(sandbox.Processes()),
		blocks: run.Blocks - run.Bfree, memory: memory,
	}
}

// muchMemory is more than the kernel caches of files read and written once.
const muchMemory = 16 << 20

// TestFlat boots and stops repeatedly. At the end the host must use no more resources than
// after the first few rounds.
func TestFlat(t *testing.T) {
	onHost(t, func(h *host) {
		s := h.subhost("flat", "CABLES= = =\nSTART= none\nSHARE=/etc:/mnt/etc\n")
		round := func() {
			s.boot()
			s.stop()
		}
		const warm = 5
		for range warm {
			round()
		}
		before := h.level()
		rounds := often(300, 60)
		for range rounds - warm {
			round()
			if h.t.Failed() {
				return
			}
		}
		after := h.level()
		h.t.Logf("after %d and %d rounds:\n%+v\n%+v", warm, rounds, before, after)
		if grown := after.memory - before.memory; grown > muchMemory {
			h.t.Errorf("memory has grown by %d bytes", grown)
		}
		after.memory = before.memory
		if after != before {
			h.t.Errorf("grown:\n%s", fmt.Sprintf("%+v\n%+v", before, after))
		}
	})
}
