package faults

func Inner() {}
