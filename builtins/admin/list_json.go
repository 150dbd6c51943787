package admin

import (
	"strconv"
	"strings"
	"time"

	"overlayboot/builtins/native"
)

// listJSON returns subhosts as overlay-list.json describes them.
func listJSON(list []*subhost) string {
	var j jsonText
	j.list(len(list), func(i int) { j.subhost(list[i]) })
	return j.String() + "\n"
}

func (j *jsonText) subhost(h *subhost) {
	j.object(func() {
		j.key("name").text(h.name)
		j.key("state").text(string(h.state))
		j.key("broken").list(len(h.broken), func(i int) { j.text(h.broken[i]) })
		j.key("booted_by").orNull(h.isUp() && (h.isOriginal || h.record != nil), bootedBy(h))
		since := h.since.UTC().Format(time.RFC3339)
		j.key("since").orNull(!h.since.IsZero(), since)
		j.key("config").orNull(h.config != "", h.config)
		j.key("configured").raw(strconv.FormatBool(h.configured))
		j.key("pid").number(h.init != 0, float64(h.init))
		j.key("supervisor_pid").number(h.supervisor != 0, float64(h.supervisor))
		j.key("processes").number(h.init != 0, float64(len(h.processes)))
		j.key("memory_bytes").number(h.memory.source != "", h.memory.value)
		j.key("memory_source").orNull(h.memory.source != "", h.memory.source)
		j.key("cpu_seconds").number(h.cpu.source != "", h.cpu.value)
		j.key("cpu_source").orNull(h.cpu.source != "", h.cpu.source)
		j.key("cables").list(len(h.cables), func(i int) { j.cable(h.cables[i]) })
	})
}

func bootedBy(h *subhost) string {
	if h.isOriginal {
		return "original"
	}
	return "overlay-boot"
}

func (j *jsonText) cable(c cable) {
	j.object(func() {
		j.key("host").text(c.host)
		j.key("inside").orNull(c.inside != "", c.inside)
		j.key("bridge").orNull(c.bridge != "", c.bridge)
		tag, err := strconv.ParseUint(c.vlan, 10, 12)
		j.key("vlan").number(err == nil, float64(tag))
		j.key("mac").orNull(c.mac != "", c.mac)
		j.key("exists").raw(strconv.FormatBool(c.exists))
		j.key("up").raw(strconv.FormatBool(c.up))
		j.key("addresses").list(len(c.addresses), func(i int) { j.text(c.addresses[i].Text) })
	})
}

// A jsonText is a text in JSON that is being written. The package encoding/json would make the
// program 209 kB larger, and each of its starts some 0.2 ms longer.
type jsonText struct {
	strings.Builder
	depth int
	// begun says that the innermost object has a member.
	begun bool
}

// indent begins a line.
func (j *jsonText) indent() { j.WriteString("\n" + strings.Repeat("  ", j.depth)) }

// object writes an object, whose members a function writes.
func (j *jsonText) object(members func()) {
	outer := j.begun
	j.begun = false
	j.WriteByte('{')
	j.depth++
	members()
	j.depth--
	j.indent()
	j.WriteByte('}')
	j.begun = outer
}

// key writes the name of the next member.
func (j *jsonText) key(name string) *jsonText {
	if j.begun {
		j.WriteByte(',')
	}
	j.begun = true
	j.indent()
	j.text(name)
	j.WriteString(": ")
	return j
}

// list writes an array of n values.
func (j *jsonText) list(n int, value func(i int)) {
	j.WriteByte('[')
	j.depth++
	for i := range n {
		if i > 0 {
			j.WriteByte(',')
		}
		j.indent()
		value(i)
	}
	if j.depth--; n > 0 {
		j.indent()
	}
	j.WriteByte(']')
}

func (j *jsonText) raw(s string) { j.WriteString(s) }

// orNull writes a text, or null.
func (j *jsonText) orNull(known bool, s string) {
	if !known {
		j.raw("null")
		return
	}
	j.text(s)
}

// number writes a number, or null.
func (j *jsonText) number(known bool, n float64) {
	if !known {
		j.raw("null")
		return
	}
	j.raw(strconv.FormatFloat(n, 'f', -1, 64))
}

func (j *jsonText) text(s string) { j.WriteString(native.JSONString(s)) }
