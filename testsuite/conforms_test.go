package testsuite

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

// A schema is the part of JSON Schema 2020-12 that the schemas of this project use.
type schema struct {
	Ref        string `json:"$ref"`
	Type       any
	Enum       []any
	Required   []string
	Properties map[string]*schema
	Items      *schema
	Minimum    *float64
	MinLength  int
	Defs       map[string]*schema `json:"$defs"`
}

// readSchema reads a schema that is shipped.
func readSchema(t *testing.T, name string) *schema {
	t.Helper()
	text, err := os.ReadFile("../scripts/schema/" + name)
	must(t, err)
	var s schema
	must(t, json.Unmarshal(text, &s))
	return &s
}

// violates returns what in a JSON text is not as the schema says. A member of an object that the
// schema does not name counts as well, so that the documents are complete.
func (s *schema) violates(text string) []string {
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		return []string{err.Error()}
	}
	return s.at(s, "$", value)
}

// at checks a value at a path, by the schema or a part of it.
func (top *schema) at(s *schema, path string, value any) (list []string) {
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		s = top.Defs[name]
	}
	wrong := func(format string, args ...any) {
		list = append(list, path+": "+fmt.Sprintf(format, args...))
	}
	types := strings.Fields(strings.Trim(fmt.Sprint(s.Type), "[]")) // a name, or an array of names
	if s.Type != nil && !slices.Contains(types, typeOf(value)) {
		wrong("%v is no %v", value, s.Type)
	}
	if s.Enum != nil && !slices.Contains(s.Enum, value) {
		wrong("%v is none of %v", value, s.Enum)
	}
	switch v := value.(type) {
	case string:
		if len(v) < s.MinLength {
			wrong("%q is too short", v)
		}
	case float64:
		if s.Minimum != nil && v < *s.Minimum {
			wrong("%v is below %v", v, *s.Minimum)
		}
	case []any:
		for i, item := range v {
			list = append(list, top.at(s.Items, fmt.Sprintf("%s[%d]", path, i), item)...)
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				wrong("no member %s", name)
			}
		}
		for name, member := range v {
			if s.Properties[name] == nil {
				wrong("member %s is in no schema", name)
				continue
			}
			list = append(list, top.at(s.Properties[name], path+"."+name, member)...)
		}
	}
	return list
}

// typeOf returns the name that JSON Schema has for the type of a value.
func typeOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case float64:
		if v == float64(int64(v)) {
			return "integer"
		}
		return "number"
	case []any:
		return "array"
	}
	return "object"
}
