#!/bin/sh
# A day's work of a shop, in plain POSIX shell: what a longer script of an
# administrator looks like. It starts no program. The benchmark runs it under
# every shell; all must print the same.

rounds=${1:-1}
NL='
'

# --- words and numbers -------------------------------------------------------

die() {
	echo "program: $*" >&2
	exit 1
}

# repeat TEXT N: sets REPLY
repeat() {
	REPLY=
	n=$2
	while [ "$n" -gt 0 ]; do
		REPLY=$REPLY$1
		n=$((n - 1))
	done
}

# pad TEXT WIDTH: sets REPLY
pad() {
	REPLY=$1
	while [ ${#REPLY} -lt "$2" ]; do
		REPLY="$REPLY "
	done
}

# trim TEXT: sets REPLY to it without blanks around it
trim() {
	REPLY=${1#"${1%%[! 	]*}"}
	REPLY=${REPLY%"${REPLY##*[! 	]}"}
}

# upper TEXT: sets REPLY
upper() {
	local rest c
	rest=$1
	REPLY=
	while [ -n "$rest" ]; do
		c=${rest%"${rest#?}"}
		rest=${rest#?}
		case $c in
		a) c=A ;; b) c=B ;; c) c=C ;; d) c=D ;; e) c=E ;; f) c=F ;;
		g) c=G ;; h) c=H ;; i) c=I ;; j) c=J ;; k) c=K ;; l) c=L ;;
		m) c=M ;; n) c=N ;; o) c=O ;; p) c=P ;; q) c=Q ;; r) c=R ;;
		s) c=S ;; t) c=T ;; u) c=U ;; v) c=V ;; w) c=W ;; x) c=X ;;
		y) c=Y ;; z) c=Z ;;
		esac
		REPLY=$REPLY$c
	done
}

# replace TEXT OLD NEW: sets REPLY
replace() {
	local rest
	rest=$1
	REPLY=
	while :; do
		case $rest in
		*"$2"*)
			REPLY=$REPLY${rest%%"$2"*}$3
			rest=${rest#*"$2"}
			;;
		*)
			REPLY=$REPLY$rest
			return
			;;
		esac
	done
}

# roman N: sets REPLY
roman() {
	local n value letters
	n=$1
	REPLY=
	set -- 1000 M 900 CM 500 D 400 CD 100 C 90 XC 50 L 40 XL 10 X 9 IX 5 V 4 IV 1 I
	while [ $# -gt 0 ]; do
		value=$1 letters=$2
		while [ "$n" -ge "$value" ]; do
			REPLY=$REPLY$letters
			n=$((n - value))
		done
		shift 2
	done
}

# money CENTS: sets REPLY
money() {
	local cents sign
	cents=$1
	sign=
	if [ "$cents" -lt 0 ]; then
		sign=-
		cents=$((-cents))
	fi
	REPLY=$((cents % 100))
	[ ${#REPLY} -eq 2 ] || REPLY=0$REPLY
	REPLY=$sign$((cents / 100)).$REPLY
}

gcd() {
	local a b
	a=$1
	b=$2
	while [ "$b" -ne 0 ]; do
		set -- "$b" $((a % b))
		a=$1 b=$2
	done
	REPLY=$a
}

fib() {
	if [ "$1" -lt 2 ]; then
		REPLY=$1
		return
	fi
	local first
	fib $(($1 - 1))
	first=$REPLY
	fib $(($1 - 2))
	REPLY=$((first + REPLY))
}

# --- lists -------------------------------------------------------------------

# sorted WORD...: sets REPLY to the numbers in order, by insertion
sorted() {
	local out word rest done_
	out=
	for word in "$@"; do
		rest=$out
		out=
		done_=
		for other in $rest; do
			if [ -z "$done_" ] && [ "$word" -lt "$other" ]; then
				out="$out $word"
				done_=1
			fi
			out="$out $other"
		done
		[ -n "$done_" ] || out="$out $word"
	done
	REPLY=${out# }
}

# primes N: sets REPLY to those below it
primes() {
	local i found p
	found=
	i=2
	while [ $i -lt "$1" ]; do
		for p in $found; do
			if [ $((p * p)) -gt $i ]; then
				break
			elif [ $((i % p)) -eq 0 ]; then
				i=$((i + 1))
				continue 2
			fi
		done
		found="$found $i"
		i=$((i + 1))
	done
	REPLY=${found# }
}

# join SEPARATOR WORD...: sets REPLY
join() {
	local IFS
	IFS=$1
	shift
	REPLY="$*"
}

# --- a reader of settings ----------------------------------------------------

settings() {
	local section line key value
	section=main
	while IFS= read -r line; do
		case $line in
		'' | '#'*) continue ;;
		'['*']')
			section=${line#?}
			section=${section%?}
			continue
			;;
		*=*) ;;
		*) die "bad line: $line" ;;
		esac
		trim "${line%%=*}"
		key=$REPLY
		trim "${line#*=}"
		value=$REPLY
		case $key in
		[!a-z]* | *[!a-z0-9_]*) die "bad key: $key" ;;
		esac
		eval "set_${section}_$key=\$value"
	done <<-'END'
		# the shop
		name = Corner & Sons
		currency = EUR
		[vat]
		book = 7
		tool = 19
		food=  7
		[discount]
		from = 5
		percent = 10
	END
}

# --- a calculator of reverse Polish notation ----------------------------------

calculate() {
	local stack word a b
	stack=
	for word in $1; do
		case $word in
		[0-9]*) stack="$word $stack" ;;
		[-+x/%])
			a=${stack%% *}
			stack=${stack#* }
			b=${stack%% *}
			stack=${stack#* }
			case $word in
			+) a=$((b + a)) ;;
			-) a=$((b - a)) ;;
			x) a=$((b * a)) ;;
			/) [ "$a" -ne 0 ] && a=$((b / a)) ;;
			%) a=$((b % a)) ;;
			esac
			stack="$a $stack"
			;;
		*) die "bad word: $word" ;;
		esac
	done
	REPLY=${stack%% *}
}

# --- the shop ------------------------------------------------------------------

total=0
sold=0

# sell KIND NAME CENTS COUNT
sell() {
	local vat sum off
	eval "vat=\${set_vat_$1:-0}"
	sum=$(($3 * $4))
	off=0
	if [ "$4" -ge "$set_discount_from" ]; then
		off=$((sum * set_discount_percent / 100))
	fi
	sum=$((sum - off))
	total=$((total + sum)) sold=$((sold + $4))
	pad "$2" 14
	label=$REPLY
	money $sum
	printf '%s %3d %8s %s\n' "$label" "$4" "$REPLY" "${off:+(less $off) }vat $vat"
}

day() {
	while IFS=: read -r kind name cents count; do
		case $kind in
		book | tool | food) sell "$kind" "$name" "$cents" "$count" ;;
		note)
			upper "$name"
			echo "* $REPLY"
			;;
		*) echo "unknown: $kind" ;;
		esac
	done <<-END
		book:Atlas:4250:1
		tool:Hammer:1999:5
		food:Bread:310:12
		note:closed at noon
		toy:Ball:500:1
		book:Grammar $1:1200:$(($1 + 3))
	END
}

letter() {
	money "$total"
	cat_ <<-END
		Dear customers of $set_main_name,
		  after ${1} ${2:-days} we have sold $sold things for $REPLY $set_main_currency.
		  \$HOME is ours, \`date\` is not.
		  ${3:-No further news.}
	END
}

# cat_ copies standard input.
cat_() {
	while IFS= read -r line; do
		printf '%s\n' "$line"
	done
}

# --- paths -----------------------------------------------------------------------

# clean PATH: sets REPLY to it without . and ..
clean() {
	local IFS part
	IFS=/
	set -f
	set -- $1
	set +f
	REPLY=
	for part in "$@"; do
		case $part in
		'' | .) ;;
		..) REPLY=${REPLY%/*} ;;
		*) REPLY=$REPLY/$part ;;
		esac
	done
	REPLY=${REPLY:-/}
}

kind_of() {
	case ${1##*/} in
	*.tar.gz | *.tgz) echo archive ;;
	*.[ch] | *.go | *.sh) echo source ;;
	README* | *.[0-9] | *.txt) echo text ;;
	*[0-9][0-9]*) echo "numbered" ;;
	?) echo letter ;;
	*) echo other ;;
	esac
}

# --- everything, some times --------------------------------------------------------

settings
round=1
while [ $round -le "$rounds" ]; do
	day $round
	letter $round "day${round#1}"
	roman $((round * 37))
	echo "roman: $REPLY"
	gcd $((round * 84)) 36
	echo "gcd: $REPLY"
	fib 9
	echo "fib: $REPLY"
	sorted 5 3 9 $((round % 7)) 1 8 12 4
	echo "sorted: $REPLY"
	primes 100
	join , $REPLY
	echo "primes: $REPLY"
	calculate "3 4 + 5 x 2 - $round %"
	echo "calculated: $REPLY"
	replace "a-b-c-$round" - ' -> '
	repeat "$REPLY;" 3
	echo "$REPLY"
	for path in /usr/./lib/../bin//sh a/b/c/../../d.txt / "../x$round.c" "/$round/10"; do
		clean "$path"
		printf '%s is %s\n' "$REPLY" "$(kind_of "$REPLY")"
	done
	unset path
	round=$((round + 1))
done
text="one${NL}two${NL}three"
IFS=$NL
for word in $text; do
	echo "${#word} $word"
done
