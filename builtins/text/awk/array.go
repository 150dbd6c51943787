package awk

import (
	"slices"
	"strconv"
)

// An array holds elements by name. The order of for (k in a) is that of mawk's hash table. The
// table starts with 64 lists and doubles when the lists hold more than 12 elements on average.
// A list is chosen by the hash of the name (FNV-1a) or by the number itself. New elements, and
// elements just looked up, move to the front of their list. Elements made by number are added
// to the lists of names at the first use of a name.
type array struct {
	size  int
	lists []lists
	named bool // all elements are in the lists of names
}

type lists struct{ names, numbers *element }

type element struct {
	value
	name                 string
	hash                 uint32
	number               int
	isNumber             bool
	nextName, nextNumber *element
}

// A key identifies an element: a name or a number.
type key struct {
	name     string
	number   int
	isNumber bool
}

const (
	startLists = 64
	fullList   = 12
)

func newArray() *array { return &array{} }

func (a *array) clear() { *a = array{} }

func hashOf(s string) uint32 {
	h := uint32(2166136261)
	for i := range len(s) {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

func (a *array) listOf(n uint32) *lists { return &a.lists[n&uint32(len(a.lists)-1)] }

// at finds an element or makes it.
func (a *array) at(k key) *value {
	if a.lists == nil {
		a.lists = make([]lists, startLists)
	}
	e := a.find(k)
	if e == nil {
		e = a.add(k)
	}
	return &e.value
}

func (a *array) has(k key) bool { return a.find(k) != nil }

// find finds an element and moves it to the front of its list.
func (a *array) find(k key) *element {
	if a.lists == nil {
		return nil
	}
	if !k.isNumber {
		a.nameAll()
		return a.findName(k.name, hashOf(k.name))
	}
	l := a.listOf(uint32(k.number))
	for p := &l.numbers; *p != nil; p = &(*p).nextNumber {
		if e := *p; e.number == k.number {
			*p = e.nextNumber
			e.nextNumber, l.numbers = l.numbers, e
			return e
		}
	}
	if !a.named {
		return nil
	}
	name := strconv.Itoa(k.number)
	e := a.findName(name, hashOf(name))
	if e != nil {
		a.putNumber(e, k.number)
	}
	return e
}

func (a *array) findName(name string, hash uint32) *element {
	l := a.listOf(hash)
	for p := &l.names; *p != nil; p = &(*p).nextName {
		if e := *p; e.hash == hash && e.name == name {
			*p = e.nextName
			e.nextName, l.names = l.names, e
			return e
		}
	}
	return nil
}

func (a *array) add(k key) *element {
	e := &element{name: k.name}
	if k.isNumber {
		a.putNumber(e, k.number)
	}
	if a.named || !k.isNumber {
		a.putName(e)
	}
	if a.size++; a.size > fullList*len(a.lists) {
		a.double()
	}
	return e
}

func (a *array) putNumber(e *element, n int) {
	l := a.listOf(uint32(n))
	e.number, e.isNumber = n, true
	e.nextNumber, l.numbers = l.numbers, e
}

func (a *array) putName(e *element) {
	if e.isNumber {
		e.name = strconv.Itoa(e.number)
	}
	e.hash = hashOf(e.name)
	l := a.listOf(e.hash)
	e.nextName, l.names = l.names, e
}

// nameAll adds the elements made by number to the lists of names.
func (a *array) nameAll() {
	if a.named {
		return
	}
	a.named = true
	for i := range a.lists {
		for e := a.lists[i].numbers; e != nil; e = e.nextNumber {
			a.putName(e)
		}
	}
}

// double doubles the number of lists. Each new list keeps the order of its elements.
func (a *array) double() {
	old := a.lists
	a.lists = make([]lists, 2*len(old))
	for _, l := range old {
		for _, e := range chain(l.names, func(e *element) *element { return e.nextName }) {
			to := a.listOf(e.hash)
			e.nextName, to.names = to.names, e
		}
		for _, e := range chain(l.numbers, func(e *element) *element { return e.nextNumber }) {
			to := a.listOf(uint32(e.number))
			e.nextNumber, to.numbers = to.numbers, e
		}
	}
}

// chain returns a list from its end to its front.
func chain(e *element, next func(*element) *element) (list []*element) {
	for ; e != nil; e = next(e) {
		list = append(list, e)
	}
	slices.Reverse(list)
	return list
}

func (a *array) remove(k key) {
	e := a.find(k)
	if e == nil {
		return
	}
	if a.size--; a.size == 0 {
		a.clear()
		return
	}
	if a.named {
		p := &a.listOf(e.hash).names
		for *p != e {
			p = &(*p).nextName
		}
		*p = e.nextName
	}
	if e.isNumber {
		p := &a.listOf(uint32(e.number)).numbers
		for *p != e {
			p = &(*p).nextNumber
		}
		*p = e.nextNumber
	}
}

// names returns the names of all elements.
func (a *array) names() []string {
	a.nameAll()
	list := make([]string, 0, a.size)
	for i := range a.lists {
		for e := a.lists[i].names; e != nil; e = e.nextName {
			list = append(list, e.name)
		}
	}
	return list
}
