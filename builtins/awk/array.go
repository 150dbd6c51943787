package awk

// An array holds elements by their names.
type array struct {
	elements map[string]*value
	order    []string // of being made; may hold names deleted since
}

func newArray() *array { return &array{elements: map[string]*value{}} }

// at finds or makes an element.
func (a *array) at(name string) *value {
	v := a.elements[name]
	if v == nil {
		v = &value{}
		a.elements[name] = v
		a.order = append(a.order, name)
	}
	return v
}

func (a *array) has(name string) bool { return a.elements[name] != nil }

func (a *array) remove(name string) { delete(a.elements, name) }

func (a *array) clear() {
	clear(a.elements)
	a.order = nil
}

// names lists the elements.
func (a *array) names() []string {
	list := make([]string, 0, len(a.elements))
	seen := map[string]bool{}
	for _, name := range a.order {
		if a.elements[name] != nil && !seen[name] {
			list = append(list, name)
			seen[name] = true
		}
	}
	return list
}
