package tiny

import "strconv"

// digits is the number of digits that a pid has at most (proc(5), pid_max).
const digits = 7

// tell reports on standard error that the child in s3 did not exit. It goes on at a label if
// that cannot be written.
func (p *program) tell(r *Report, lost string) {
	p.write("before", r.Before)
	p.decimal()
	p.label("zero")
	p.load32(a4, s3, 0)                   // four digits,
	p.bits(a4, a4, 0, 8)                  // the first of which
	p.branch(a4, notEqual, '0', "digits") // does not lead the number
	p.add(s3, s3, 1)                      // or is left out:
	p.add(s1, s1, -1)                     // one less
	p.jump("zero")                        // on to the next
	p.label("digits")                     //
	p.set(a0, 2)                          // to standard error
	p.move(a1, s3)                        // the digits
	p.move(a2, s1)                        // that are left
	p.call(sysWrite)                      // write(2, digits, number)
	p.write("behind", r.Behind)
	p.branch(ret, less, 0, lost) // nobody has read it
}

// decimal puts the digits of s3 on the stack, their address into s3 and their number into s1.
func (p *program) decimal() {
	power := int32(1)
	for range digits - 1 {
		power *= 10
	}
	for i := range int32(digits) {
		place := strconv.Itoa(int(power))
		p.set(a4, '0')                            // from the digit 0
		p.label("again " + place)                 // count
		p.branch(s3, less, power, "digit "+place) // as often as the power of ten
		p.add(s3, s3, -power)                     // is in the number
		p.add(a4, a4, 1)                          // one more
		p.jump("again " + place)                  // and again
		p.label("digit " + place)                 //
		p.store32(a4, s0, buffer+i)               // the next digit overwrites the zeros
		power /= 10
	}
	p.add(s3, s0, buffer) // they are there
	p.set(s1, digits)     // all of them
}

// write writes a text, which the program has under that label, to standard error.
func (p *program) write(label, text string) {
	p.texts = append(p.texts, [2]string{label, text})
	p.set(a0, 2)                // to standard error
	p.address(a1, label)        // this text
	p.set(a2, int64(len(text))) // without its NUL
	p.call(sysWrite)            // write(2, text, length)
}
