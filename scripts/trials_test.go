package scripts

var trials = []trial{
	{name: "minimal", script: `
subhost ovt <<EOF
BASE=.
CABLES= =
START= none
EOF
overlay-boot $B/ovt/ovt.conf > $B/out 2> $B/err || fail status
[ ! -s $B/out ] || fail "output: $(cat $B/out)"
printf '%s\n' NAME=ovt LOG=$B/ovt.log "Logging to $B/ovt.log" | cmp - $B/err || fail "$(cat $B/err)"
until_ "reaper ovt"
R=$(reaper ovt)
U=$(ps -ho ppid -p $R) ; S=$(ps -ho ppid -p $((U)))
[ "$(ps -ho comm -p $((U)))" = unshare ] || fail "no unshare above the reaper"
[ "$(ps -ho comm -p $((S)))" = overlay-boot ] || fail "no overlay-boot above unshare"
[ "$(ps -ho args -p $((S)))" = "/bin/sh /mnt/scripts/overlay-boot $B/ovt/ovt.conf" ] || fail args
[ "$(tr '\0' ' ' < /proc/$R/cmdline)" = "/.reaper ovt " ] || fail "reaper's arguments"
[ "$(inside ovt 'cat /proc/[0-9]*/comm' | sort | tr '\n' ' ')" = ".reaper bash dummy_service " ] ||
    fail "processes inside: $(inside ovt 'cat /proc/[0-9]*/comm')"
[ "$(inside ovt 'cut -d" " -f2 /proc/self/mounts' | grep -v '^/proc/' | sort | tr '\n' ' ')" = \
  "/ /dev /dev/pts /proc /run /sys " ] || fail "mounts: $(inside ovt 'cat /proc/self/mounts')"
inside ovt '[ -p /run/dummy_service -a -k /run/lock -a ! -e /tmp/etc ] && echo yes' | grep -q yes ||
    fail "files: $(inside ovt 'ls /tmp /run')"
inside ovt 'ip -o link' | grep -q ': eth0@' || fail "no eth0"
ip -o link | grep -q ': ovt0@.*[<,]UP[,>]' || fail "no ovt0"
has $B/ovt/root/etc/network/interfaces "iface eth0 inet manual"
echo 'exit 7' | overlay-go ovt > $B/out ; [ $? = 7 ] || fail "status of overlay-go"
[ "$(cat $B/out)" = done ] || fail "overlay-go prints $(cat $B/out)"
[ "$(overlay-go)" = "Select subhost: $B/ovt/ovt.conf" ] || fail "list: $(overlay-go)"
overlay-go other 2> $B/err && fail "status for no such subhost"
has $B/err "^other is neither a configuration file nor the name of a subhost"
overlay-boot $B/ovt/ovt.conf 2> $B/err && fail "booted twice"
has $B/err "ovt is running already"
overlay-share $B ovt 2> $B/err && fail "shared"
has $B/err "needs overlay-bind"
stop ovt
has $B/ovt.log "^Exited ovt"
overlay-stop $B/ovt/ovt.conf 2> $B/err && fail "stopped twice"
has $B/err "^ovt is not running"
boot ovt
stop ovt
`},
	{name: "dummy service ends by a write", script: `
subhost ovt <<EOF
BASE=.
START=none
EOF
boot ovt
inside ovt 'echo > /run/dummy_service'
until_ "! pgrep -x overlay-boot > /dev/null"
nothing ovt
boot ovt
kill $(pgrep -x dummy_service)
until_ "! pgrep -x overlay-boot > /dev/null"
nothing ovt
`},
	{name: "relative configuration and another name", script: `
mkdir -p "$B/a dir"
cd "$B/a dir"
mkdir -p up w live
printf '%s\n' BASE=. NAME=ovtx UPPER=up WORK=w/ LIVE=./live START=none LOG=$B/ovtx.log > any.conf
overlay-boot any.conf 2> $B/err || fail status
until_ "reaper ovtx"
overlay-boot any.conf 2> $B/err && fail "booted twice"
[ "$(inside ovtx 'echo here')" = here ] || fail inside
# the caller's cd would go elsewhere
mkdir -p "$B/cd/a dir"
cd ..
export CDPATH=$B/cd
overlay-stop "a dir/any.conf" 2> $B/err || fail "stop: $(cat $B/err)"
nothing ovtx
overlay-boot "a dir/any.conf" 2> $B/err || fail "status: $(cat $B/err)"
has $B/ovtx.log "UPPER=$B/a dir/up\$"
overlay-stop "a dir/any.conf" 2> $B/err || fail stop
nothing ovtx
`},
	{name: "bind", script: `
small $B/tree
echo mine > $B/tree/etc/mine
subhost ovt <<EOF
BASE=.
CABLES= = =02:00:00:00:00:07
UPPER=../tree
LOWER=../tree
START=none
EOF
boot ovt
[ "$(inside ovt 'cat /etc/mine')" = mine ] || fail inside
has $B/tree/etc/network/interfaces eth1
ip netns exec ovt ip link show eth1 | grep -q 02:00:00:00:00:07 || fail "the MAC of eth1"
ip link show ovt1 > /dev/null || fail "no ovt1"
stop ovt
[ -e $B/tree/.reaper ] || fail "no reaper installed"
`},
	{name: "plain", script: `
small $B/tree
echo keep > $B/tree/.reaper ; cp /mnt/scripts/reaper $B/tree/.reaper ; chmod 700 $B/tree/.reaper
subhost ovt <<EOF
BASE=.
LIVE=../tree
UPPER=../tree
LOWER=../tree
START=none
EOF
boot ovt
[ "$(stat -c %a $B/tree/.reaper)" = 700 ] || fail "the reaper was overwritten"
[ ! -e $B/tree/etc/network ] || fail "PREMOUNT was run"
inside ovt 'ls /' | grep -qx bin || fail inside
stop ovt
`},
	{name: "LIVE is LOWER", script: `
mkdir -p $B/u $B/w $B/m
mount -t overlay -o lowerdir=/,upperdir=$B/u,workdir=$B/w ovl $B/m
subhost ovt <<EOF
BASE=.
LIVE=$B/m/
LOWER=$B/m
START=none
EOF
boot ovt
[ "$(inside ovt 'grep -c overlay /proc/mounts')" = 1 ] || fail "more than one overlay"
overlay-boot $B/ovt/ovt.conf 2> /dev/null && fail "booted twice"
sed s/^BASE/NAME=ovu\\nBASE/ $B/ovt/ovt.conf > $B/ovu.conf
sed -i s,=.\$,=$B/ovt, $B/ovu.conf
overlay-boot $B/ovu.conf 2> $B/err && fail "LIVE is in use"
has $B/err "LIVE=$B/m is in use by another subhost"
stop ovt
`},
	{name: "foreign root without directories", script: `
small $B/lower
subhost ovt <<EOF
BASE=.
LOWER=../lower
START=none
RAM_SIZE=none
EOF
boot ovt
[ "$(inside ovt 'ls -d /proc/1 /sys/class /dev/null /run/dummy_service' | wc -l)" = 4 ] ||
    fail inside
[ -p $B/ovt/root/run/dummy_service ] || fail "/run is in memory"
[ -z "$(ls $B/lower/proc 2>/dev/null)" ] || fail "the lower tree was changed"
stop ovt
`},
	{name: "UPPER is a program", script: `
subhost ovt <<EOF
BASE=.
UPPER=up.sh
START=none
EOF
cat > $B/ovt/up.sh <<'EOF'
#!/bin/sh
echo "$ACTION $CONFIG $(grep -c ' /mnt/b/ovt/live' /proc/mounts)" >> /mnt/b/calls
[ $ACTION = setup ] || exit 0
echo root
echo more
EOF
chmod 755 $B/ovt/up.sh
boot ovt
[ -e $B/ovt/root/etc/network/interfaces ] || fail "UPPER was not the directory"
stop ovt
printf '%s\n' "setup $B/ovt/ovt.conf 0" "teardown $B/ovt/ovt.conf 0" | cmp - $B/calls ||
    fail "$(cat $B/calls)"
boot ovt
kill -9 $(reaper ovt)
until_ "! pgrep -x overlay-boot > /dev/null"
nothing ovt
[ "$(wc -l < $B/calls)" = 4 ] || fail "no teardown after a kill: $(cat $B/calls)"
printf '%s\n' '#!/bin/sh' 'exit 1' > $B/ovt/up.sh
fails ovt "bad UPPER config: up.sh failed"
printf '%s\n' '#!/bin/sh' 'exit 0' > $B/ovt/up.sh
fails ovt "bad UPPER config: .*up.sh printed nothing"
printf '%s\n' '#!/bin/sh' 'echo $ACTION >> /mnt/b/calls' 'echo nowhere' > $B/ovt/up.sh
fails ovt "UPPER=nowhere is not a directory"
[ "$(tail -n 1 $B/calls)" = teardown ] || fail "no teardown after a failure"
`},
	{name: "hooks replaced", script: `
subhost ovt <<EOF
BASE=.
PREMOUNT=$B/ovt/pre one two
POSTMOUNT=$B/ovt/post
INIT=cat init
EOF
cat > $B/ovt/pre <<'EOF'
#!/bin/sh
echo "$CONFIG $*" > /mnt/b/pre
exit 3
EOF
cat > $B/ovt/post <<'EOF'
#!/usr/bin/perl
open(F, '>', '/mnt/b/post'); print F "@ARGV\n";
system("mkdir -p $ARGV[0]/dev; mknod -m 666 $ARGV[0]/dev/null c 1 3");
EOF
cat > $B/ovt/init <<'EOF'
X='a  $HOME $(id) ` + "`id`" + ` \ \\ "q"'
printf '%s\n' "$X" > /said
cat <<END >> /said
$((1+1))
END
sleep 1000 &
exec /.reaper ovt
EOF
cp /mnt/scripts/reaper $B/ovt/root/.reaper
chmod 755 $B/ovt/pre $B/ovt/post
boot ovt
[ "$(cat $B/pre)" = "$B/ovt/ovt.conf one two $B/ovt/root" ] || fail "$(cat $B/pre)"
[ "$(cat $B/post)" = "$B/ovt/live $B/ovt/root" ] || fail "$(cat $B/post)"
has $B/ovt.log "PREMOUNT=.*: exit status 3"
printf '%s\n' 'a  $HOME $(id) ` + "`id`" + ` \ \\ "q"' 2 |
    cmp - $B/ovt/root/said || fail "$(cat $B/ovt/root/said)"
[ ! -e $B/ovt/root/etc/network ] || fail "the default PREMOUNT was run"
stop ovt
sed -i 's/^INIT=.*/INIT=true/' $B/ovt/ovt.conf
fails ovt "INIT=true printed nothing"
`},
	{name: "services", script: `
mkdir -p $B/ovt/root/usr/sbin
cat > $B/ovt/root/usr/sbin/service <<'EOF'
#!/bin/sh
echo "$1 $2 $(ps -ho sid $$ | tr -d ' ')" >> /calls
[ $2 = stop ] || sleep 1000 &
EOF
cat > $B/ovt/root/script <<'EOF'
#!/bin/sh
echo "script $*" >> /calls
EOF
chmod 755 $B/ovt/root/usr/sbin/service $B/ovt/root/script
subhost ovt <<EOF
BASE=.
START=  one /script   two
EOF
boot ovt
sed 's/ [0-9]*$//' $B/ovt/root/calls | tr '\n' , | grep -qx 'one start,script start,two start,' ||
    fail "$(cat $B/ovt/root/calls)"
grep -q ' 1$' $B/ovt/root/calls && fail "not in a session of its own"
pgrep -x dummy_service && fail "a dummy service beside the real ones"
stop ovt
sed 's/ [0-9]*$//' $B/ovt/root/calls | tr '\n' , |
    grep -qx 'one start,script start,two start,two stop,script stop,one stop,' ||
    fail "$(cat $B/ovt/root/calls)"
`},
	{name: "bridges and VLANs", script: `
ip link add ovbr type bridge
ip link set ovbr up
cat > /mnt/scripts/ifup <<'EOF'
#!/bin/sh
echo "$1" >> /mnt/b/ifup
case $1 in *.*) ip link add "$1" type bridge && ip link set "$1" up ;; *) exit 1 ;; esac
EOF
chmod 755 /mnt/scripts/ifup
subhost ovt <<EOF
BASE=.
CABLES= ovbr= = =.302 ovbr=02:00:00:00:00:09
START=none
EOF
boot ovt
ip -o link show ovt0 | grep -q 'master ovbr' || fail "$(ip -o link)"
ip -o link show ovt1 | grep -q 'master' && fail "$(ip -o link)"
[ "$(cat $B/ifup)" = "ovt1
ovt1.302" ] || fail "ifup: $(cat $B/ifup)"
ip -o link show ovt2 | grep -q 'master ovbr' || fail "$(ip -o link)"
ip netns exec ovt ip -o link show eth2 | grep -q 02:00:00:00:00:09 || fail "the MAC"
[ "$(grep -c 'inet manual' $B/ovt/root/etc/network/interfaces)" = 3 ] || fail interfaces
ip link del ovt1.302 # a real one would go with ovt1
stop ovt
ip link show ovbr > /dev/null || fail "the bridge is gone"
`},
	{name: "VLANs without configuration", script: `
ip link add ovv0 type veth peer name ovv1
if ! ip link add link ovv0 name ovv0.5 type vlan id 5 2> /dev/null ; then
    # This kernel has none: at least see that it is asked for the right ones.
    cat > /mnt/scripts/ip <<'EOF'
#!/bin/sh
case $* in
    "link add link ovt0 name ovt0."*" type vlan id "*)
	echo "$4 $6 ${10}" >> /mnt/b/vlans
	set -- link add "$6" type bridge ;;
    "link set ovt0."*" master "*) set -- link set "$3" up ;;
esac
exec /sbin/ip "$@"
EOF
    chmod 755 /mnt/scripts/ip
fi
ip link del ovv0
ip link add ovbr type bridge
subhost ovt <<EOF
BASE=.
CABLES= = =.302 ovbr=.7
START=none
EOF
boot ovt
if [ -e $B/vlans ] ; then
    printf '%s\n' "ovt0 ovt0.302 302" "ovt0 ovt0.7 7" | cmp - $B/vlans || fail "$(cat $B/vlans)"
    ip link del ovt0.302
    ip link del ovt0.7
else
    ip -d link show ovt0.302 | grep -q 'vlan protocol 802.1Q id 302' || fail "$(ip -d link)"
    ip -o link show ovt0.7 | grep -q 'master ovbr' || fail "$(ip -o link)"
fi
stop ovt
`},
	{name: "shares", script: `
mkdir -p $B/data/sub $B/ovt
echo shared > $B/data/sub/file
subhost ovt <<EOF
BASE=.
START=none
SHARE= $B/data
SHARE =$B/data/sub/file:/etc/ovt file
SHARE=$B/data/sub:/new/place
EOF
boot ovt
[ "$(inside ovt "cat $B/data/sub/file '/etc/ovt file' /new/place/file" | tr '\n' ' ')" = \
  "shared shared shared " ] || fail "$(inside ovt 'cat /proc/mounts')"
stop ovt
share() {
    printf 'LOG=%s\nBASE=.\nSTART=none\nSHARE=%s\n' $B/ovt.log "$1" > $B/ovt/ovt.conf
    fails ovt "$2"
}
share $B/nowhere "SHARE=$B/nowhere: special device $B/nowhere does not exist"
share $B/data: "would cover the whole root"
share $B/data:/usr/.. "would cover the whole root"
share /proc "SHARE config: /proc would be covered by /proc"
share $B/data:/proc/new "would be covered by /proc"
share $B/data:/usr/../proc/self "would be covered by /proc"
[ -z "$(ls $B/ovt/root/proc)" ] || fail "made: $(ls $B/ovt/root/proc)"
share $B/data:/.reaper/below "would cover the reaper"
share /bin/true:.reaper "would cover the reaper"
share $B/data/sub/file:/usr "SHARE=.*: cannot be mounted"
share $B/nowhere::ro "SHARE=$B/nowhere::ro: special device $B/nowhere does not exist"
share $B/data:/:ro "would cover the whole root"
`},
	{name: "read-only shares", script: `
mkdir -p $B/data/sub $B/ovt
echo shared > $B/data/file
subhost ovt <<EOF
BASE=.
START=none
SHARE=$B/data:/open
SHARE=$B/data:/shut:ro
SHARE=$B/data/sub::ro
SHARE=$B/data/file:/shut file:ro
SHARE=$B/data:ro
SHARE=$B/data::wo
SHARE=$B/data:/slash:ro/
EOF
boot ovt
[ "$(inside ovt 'for D in /open /shut '$B'/data/sub /ro /:wo /slash:ro ; do
    if touch $D/new ; then echo $D ; fi ; done 2> /dev/null
    echo x >> "/shut file" || cat "/shut file"' | tr '\n' ' ')" = \
  "/open /ro /:wo /slash:ro shared " ] || fail "$(inside ovt 'cat /proc/mounts')"
grep "onto.*shut.*read-only" $B/ovt.log | wc -l | grep -qx 2 || fail "$(cat $B/ovt.log)"
has $B/ovt.log "onto.*/open\"$"
stop ovt
touch $B/data/sub/writable || fail "the host's mount is read-only"
`},
	{name: "names and addresses", script: `
ip link add ovbr type bridge
echo kept > $B/outside
subhost ovt <<EOF
BASE=.
CABLES= = ovbr= =
START=none
HOSTNAME=  web.example.org
DNS= 10.0.0.1 fd00::53 search example.org a.test
ADDRESS= 10.0.0.2/22 via 10.0.3.1 fd00::2/60 via fd00:0:0:f::1
ADDRESS=
ADDRESS= 10.1.0.2/31 10.1.2.127/24
EOF
mkdir $B/ovt/root/etc
ln -s $B/outside $B/ovt/root/etc/resolv.conf
ln -s nowhere $B/ovt/root/etc/hostname
hostname > $B/name
HOSTNAME=caller boot ovt
hostname | cmp - $B/name || fail "the host has another name: $(hostname)"
has $B/outside "^kept$"
[ "$(inside ovt hostname)" = web.example.org ] || fail "$(inside ovt hostname)"
[ "$(cat $B/ovt/root/etc/hostname)" = web.example.org ] || fail hostname
printf '%s\n' "# Generated for ovt subhost" "nameserver 10.0.0.1" "nameserver fd00::53" \
    "search example.org a.test" | cmp - $B/ovt/root/etc/resolv.conf ||
    fail "$(cat $B/ovt/root/etc/resolv.conf)"
[ -z "$(ls -A $B/ovt/root/etc | grep overlay)" ] || fail "$(ls -A $B/ovt/root/etc)"
AT="$(ip -n ovt -o addr ; ip -n ovt route ; ip -n ovt -6 route)"
for L in 'eth0  *inet 10.0.0.2/22 brd 10.0.3.255' 'eth0 *inet6 fd00::2/60 scope global nodad' \
	 'eth2 *inet 10.1.0.2/31' 'eth2 *inet 10.1.2.127/24' 'default via 10.0.3.1 dev eth0' \
	 'default via fd00:0:0:f::1 dev eth0' ; do
    echo "$AT" | grep -q "$L" || fail "no $L: $AT"
done
echo "$AT" | grep 'eth1' && fail "eth1 was brought up"
has $B/ovt.log "^ADDRESS=10.1.0.2/31 10.1.2.127/24$"
[ "$(grep -c '^ADDRESS=' $B/ovt.log)" = 2 ] || fail "$(cat $B/ovt.log)"
has $B/ovt/root/etc/network/interfaces "iface eth0 inet manual"
stop ovt
# without the variables nothing is asked of the root, and the hooks have HOSTNAME as it was
small $B/tree
printf '#!/bin/sh\necho "$HOSTNAME $DNS" > /mnt/b/saw\n' > $B/ovt/pre
chmod 755 $B/ovt/pre
printf '%s\n' BASE=. START=none LOWER=../tree ADDRESS= UPPER=up WORK=w PREMOUNT=./pre |
    subhost ovt
mkdir $B/ovt/up $B/ovt/w
HOSTNAME=caller DNS=his boot ovt
has $B/saw "^caller his$"
[ ! -e $B/ovt/up/etc ] || fail "written: $(find $B/ovt/up)"
[ "$(nsenter -t $(reaper ovt) -u hostname)" = "$(hostname)" ] || fail "another name"
stop ovt
`},
	{name: "disk files", script: `
[ -e /dev/loop-control ] || fail "no loop devices"
mkdir -p $B/ovt/mnt $B/ovt/up
small $B/tree
truncate -s 24M $B/ovt/whole.img
mkfs.ext4 -q -d $B/tree $B/ovt/whole.img
truncate -s 40M $B/ovt/parts.img
printf 'start=2048,size=4096\nstart=8192\n' | sfdisk -q $B/ovt/parts.img || fail sfdisk
mkdir -p $B/seed/a/upper $B/seed/a/work
mkfs.ext4 -q -d $B/seed -E offset=$((8192*512)) $B/ovt/parts.img 30M || fail mkfs
subhost ovt <<EOF
BASE=.
LOWER=!overlay-diskfile mnt/ whole.img
UPPER=!overlay-diskfile up/a/upper parts.img 2
WORK= up/a/work
START=none
EOF
boot ovt
has $B/ovt.log '^LOWER=mnt/$'
inside ovt 'echo kept > /kept'
stop ovt
for IMAGE in whole parts ; do
    [ -z "$(losetup -j $B/ovt/$IMAGE.img)" ] || fail "$IMAGE.img keeps a loop device"
done
boot ovt
[ "$(inside ovt 'cat /kept')" = kept ] || fail "the disk file did not keep"
stop ovt
sed -i 's/ 2$/ 5/' $B/ovt/ovt.conf
fails ovt "parts.img has no partition 5"
`},
	{name: "bad input", script: `
ip link add ovbr type bridge
bad() { # bad MESSAGE LINE...
    local MESSAGE="$1"
    shift
    { echo LOG=$B/ovt.log ; printf '%s\n' "$@" ; } > $B/ovt/ovt.conf
    refused ovt "$MESSAGE"
}
mkdir -p $B/ovt/root $B/ovt/work $B/ovt/live $B/tmpfs
mount -t tmpfs tmpfs $B/tmpfs
mkdir $B/tmpfs/work $B/ovt/root/sub
refused ovt "^Cannot use $B/ovt/ovt.conf"
wrong() { # wrong OPERANDS COMMAND ARGUMENT...: it is wrong usage
    local OPERANDS="$1"
    shift
    "$@" > $B/out 2> $B/err ; [ $? = 2 ] && [ ! -s $B/out ] || fail "not wrong usage: $*"
    [ "$(tail -n 1 $B/err)" = "Usage: $1 $OPERANDS" ] || fail "$*: $(cat $B/err)"
}
for T in boot stop ; do
    for ARGS in "" "-x" "-x $B/ovt/ovt.conf" "--all $B/ovt/ovt.conf" ; do
	wrong "--all | CONF|NAME..." overlay-$T $ARGS
    done
    ( cd $B && overlay-$T -- -x.conf ) 2> $B/err && fail "overlay-$T -- -x.conf"
    has $B/err "^-x.conf is neither"
done
OF_GO="[-u USER] [-C DIR] [-e VAR[=VALUE]]... [NAME|CONF [-- COMMAND [ARGUMENT]...]]"
for ARGS in "-x" "-x ovt" "ovt more" "-- a b" ; do wrong "$OF_GO" overlay-go $ARGS ; done
overlay-go -- -x 2> $B/err && fail "overlay-go -- -x"
has $B/err "^-x is neither"
for ARGS in "" "/tmp ovt more" "--" "-r" ; do
    wrong "[-r] DIRECTORY [NAME|CONF]" overlay-share $ARGS
done
overlay-share -r -x ovt 2> $B/err ; [ $? = 2 ] || fail "overlay-share -x"
has $B/err "^overlay-share: unknown option -x"
overlay-share -- -x ovt 2> $B/err && fail "overlay-share -- -x"
has $B/err "Not a directory: ./-x"
for ARGS in "" "-x" "mnt/ disk.img 1 more" "--" ; do
    wrong "PATH [DISKFILE [PARTITION]]" overlay-diskfile $ARGS
done
[ "$(overlay-diskfile -- -x/y disk.img 2)" = -x/y ] || fail "overlay-diskfile --"
overlay-boot $B/ovt 2> $B/err && fail "accepted a directory"
has $B/err "^Cannot use $B/ovt"
bad "^Missing BASE=... in $B/ovt/ovt.conf" ""
bad "nowhere is not a directory; bogus" BASE=nowhere
bad "ovt.conf is not a directory; bogus" BASE=ovt.conf
bad "has a slash" NAME=a/b BASE=.
bad "has a blank" "NAME=a b" BASE=.
bad "cannot be a name" NAME=-a BASE=.
bad "cannot be a name" NAME=.. BASE=.
bad "too long for the interface" NAME=ovtabcdefghijkl CABLES== BASE=.
bad "too long for the interface ovtabcdefgh0.100" NAME=ovtabcdefgh "CABLES== =.100" BASE=.
bad "has a colon" NAME=a:b CABLES== BASE=.
bad "is not a MAC address" BASE=. CABLES==02:00:00:00:00
bad "is not a MAC address" BASE=. CABLES==02:00:00:00:00:0g
bad "is not a MAC address" BASE=. CABLES==02:00:00:00:00:00:00
bad "is not a MAC address" BASE=. CABLES==01:00:00:00:00:00
bad "is not a MAC address" BASE=. CABLES==00:00:00:00:00:00
bad "has no =" BASE=. CABLES=ovbr
bad "there is no bridge ovnone" BASE=. CABLES=ovnone=
[ ! -e /sys/class/net/lo/ifindex ] || bad "lo is no bridge" BASE=. CABLES=lo=
bad "is not a VLAN tag" BASE=. "CABLES== =.4095"
bad "is not a VLAN tag" BASE=. "CABLES== =.x"
bad "has no cable before it" BASE=. CABLES==.302
bad "pids.max is not FILE=VALUE" BASE=. LIMITS=pids.max
bad "memory.current is no limit or weight" BASE=. LIMITS=memory.current=1
bad "in cpu.max=50 the value is not a percentage" BASE=. LIMITS=cpu.max=50
bad "io.max=8:0,rbps=1M is there twice" BASE=. "LIMITS=io.max=8:0,rbps=1M io.max=8:0,rbps=1M"
bad "a/b has a slash" BASE=. AFTER=a/b
bad "ovt is the subhost itself" BASE=. AFTER=ovt
bad "check is neither a path inside" BASE=. READY=check
bad "tcp:1.2.3:22 is not tcp:PORT" BASE=. READY=tcp:1.2.3:22
bad "x is not a number of seconds" BASE=. READY_TIMEOUT=x
bad "never is neither on-failure nor always" BASE=. RESTART=never
bad "0 is not a number of tries" BASE=. "RESTART=always 0"
bad "LIVE=nowhere is not a directory" BASE=. LIVE=nowhere
bad "LOWER=nowhere is not a directory" BASE=. LOWER=nowhere
bad "UPPER=nowhere is not a directory" BASE=. UPPER=nowhere
bad "WORK=nowhere is not a directory" BASE=. WORK=nowhere
bad "is not on the same mount as" BASE=. WORK=$B/tmpfs/work
bad "UPPER=.*/root is inside WORK" BASE=. WORK=root
bad "is inside UPPER" BASE=. WORK=root/sub
bad "LIVE and UPPER are both" BASE=. UPPER=live
bad "LIVE=/ is the host's own root" BASE=. LIVE=/
bad "tmpfs already has a mount" BASE=. LIVE=$B/tmpfs
bad "PREMOUNT=nowhere not executable" BASE=. "PREMOUNT=nowhere x"
bad "POSTMOUNT='/tmp' is not a command" BASE=. POSTMOUNT=/tmp
bad "INIT=nowhere not executable" BASE=. INIT=nowhere
bad "INIT=./ovt.conf not executable" BASE=. INIT=./ovt.conf
bad "INIT='/tmp x' is not a command" BASE=. "INIT=/tmp x"
bad "bad NAME config: !false" NAME=!false BASE=.
grep -v overlay /proc/filesystems > $B/filesystems
printf '%s\n' '#!/bin/sh' 'exit 1' > /mnt/scripts/modprobe
chmod 755 /mnt/scripts/modprobe
mount --bind $B/filesystems /proc/filesystems
bad "This kernel has no overlay file system" BASE=.
umount /proc/filesystems
mkdir /mnt/bin
for T in dirname realpath id unshare ; do ln -s $(command -v $T) /mnt/bin ; done
user() { setpriv --reuid 1000 --regid 1000 --clear-groups env PATH=/mnt/bin "$@" ; }
user /mnt/scripts/overlay-boot $B/ovt/ovt.conf 2> $B/err && fail "a user may boot"
has $B/err "^overlay-boot: only root can do this"
printf '%s\n' '#!/bin/sh' 'echo "[$@]"' > /mnt/bin/sudo
chmod 755 /mnt/bin/sudo
user /mnt/scripts/overlay-boot $B/ovt/ovt.conf > $B/out
[ "$(cat $B/out)" = "[/mnt/scripts/overlay-boot $B/ovt/ovt.conf]" ] ||
    fail "sudo is not called"
nothing ovt
`},
	{name: "bad names and addresses", script: `
subhost ovt < /dev/null
bad() { # bad MESSAGE LINE...
    local MESSAGE="$1"
    shift
    { echo LOG=$B/ovt.log ; printf '%s\n' "$@" ; } > $B/ovt/ovt.conf
    refused ovt "$MESSAGE"
}
bad "HOSTNAME config: -a is no host name" BASE=. HOSTNAME=-a
bad "HOSTNAME config: a_b is no host name" BASE=. HOSTNAME=a_b
bad "HOSTNAME config: .*a has more than 64" BASE=. HOSTNAME=$(printf '%060d' 0).000a
bad "DNS config: 1.2.3 is not an IP address" BASE=. "DNS=1.1.1.1 1.2.3"
bad "DNS config: search a has no address" BASE=. "DNS=search a"
bad "DNS config: no domain behind search" BASE=. "DNS=1.1.1.1 search"
bad "DNS config: a/b is not a domain" BASE=. "DNS=1.1.1.1 search a/b"
bad "DNS config: 4 name servers" BASE=. "DNS=1.1.1.1 1.1.1.2 1.1.1.3 1.1.1.4"
bad "DNS config: \* has a pattern" BASE=. "DNS=*"
address() { # address MESSAGE VALUE [MORE]: after two lines that are good
    bad "bad ADDRESS config: $1" BASE=. "CABLES== = = =.7" ADDRESS=none \
	"ADDRESS=10.0.0.2/24 via 10.0.0.1 fd00::2/64" "ADDRESS=$2" $3
}
address "10.1.0.2 has no length" 10.1.0.2
address "dev is not an IP address" "10.1.0.2/24 dev eth0"
address "!id is not an IP address" !id
address "010.1.0.2/24 is not an IP address" 010.1.0.2/24
address "10.1.0/24 is not an IP address" 10.1.0/24
address "1::2::3/64 is not an IP address" 1::2::3/64
address "the length in 10.1.0.2/33 is not" 10.1.0.2/33
address "the length in 10.1.0.2/024 is not" 10.1.0.2/024
address "the length in fd01::2/129 is not" fd01::2/129
address "10.1.0.255 is not the address of a host" 10.1.0.255/24
address "10.1.0.3 is not the address of a host" 10.1.0.3/30
address "127.0.0.2 is not the address of a host" 127.0.0.2/8
address "ff02::1 is not the address of a host" ff02::1/64
address "no gateway behind via" "10.1.0.2/24 via"
address "10.1.0.2 cannot be the gateway" "10.1.0.2/24 via 10.1.0.2"
address "fd00::1 cannot be the gateway" "10.1.0.2/24 via fd00::1"
address "the gateway 10.1.1.1 is not in the network of 10.1.0.2/24" "10.1.0.2/24 via 10.1.1.1"
address "the gateway fd01:1::1 is not in" "fd01::2/33 via fd01:1::1"
address "via 10.1.0.1 is a second default route" "10.1.0.2/24 via 10.1.0.1"
address "fd00:0::2 is there twice" fd00:0::2/64
address "line 4 of ADDRESS, but CABLES has 3 cables" none ADDRESS=10.1.0.2/24
`},
	{name: "failures in the background", script: `
mkdir -p $B/small
ip link add ovv0 type veth peer name ovv1
with() { { echo LOG=$B/ovt.log ; printf '%s\n' BASE=. START=none "$@" ; } > $B/ovt/ovt.conf ; }
subhost ovt < /dev/null
with "CABLES= = ovv0="
refused ovt "ovv0 is no bridge"
with "CABLES=!false"
fails ovt "bad CABLES config: !false"
with "LOWER=!true"
fails ovt "bad LOWER config: !true"
with "CABLES=!echo =xx"
fails ovt "xx is not a MAC address"
with "UPPER=!echo nowhere" "CABLES== ="
fails ovt "UPPER=nowhere is not a directory"
mount -t tmpfs -o size=64k tmpfs $B/small
mkdir $B/small/root $B/small/work
dd if=/dev/zero of=$B/small/fill bs=4k 2> /dev/null
with UPPER=../small/root WORK=../small/work
fails ovt "Cannot write .*small/root/etc/network/interfaces"
[ ! -e $B/small/root/etc/network/interfaces ] || fail "a part of a file is left"
has $B/ovt.log "PREMOUNT failed"
umount $B/small
mkdir -p $B/tree/dev $B/tree/etc $B/tree/proc $B/tree/run $B/tree/sys
with LOWER=$B/tree
chmod 755 $B/ovt
rm /mnt/scripts/reaper
fails ovt "There is neither"
`},
	{name: "stale state", script: `
subhost ovt <<EOF
BASE=.
CABLES== =
START=none
EOF
boot ovt
kill -9 $(pgrep -x overlay-boot) $(pgrep -x unshare) $(reaper ovt)
until_ "! reaper ovt"
ip link show ovt0 > /dev/null || fail "the test is wrong: nothing is stale"
boot ovt
has $B/ovt.err "Removing what is left of an earlier ovt"
kill -9 $(pgrep -x overlay-boot) $(pgrep -x unshare) $(reaper ovt)
until_ "! reaper ovt"
overlay-stop $B/ovt/ovt.conf 2> $B/err && fail status
has $B/err "ovt is not running"
nothing ovt
ip link add ovt0 type veth peer name ovx
overlay-boot $B/ovt/ovt.conf 2> $B/err && fail "booted onto somebody's interface"
has $B/err "interface ovt0 exists already"
ip link show ovt0 > /dev/null || fail "removed somebody's interface"
ip link del ovt0
boot ovt
kill $(pgrep -x overlay-boot)
sleep 0.2
reaper ovt > /dev/null || fail "a signal to the supervisor ended the subhost without care"
stop ovt
boot ovt
kill -9 $(pgrep -x overlay-boot)
until_ "! pgrep -x overlay-boot > /dev/null"
overlay-boot $B/ovt/ovt.conf 2> $B/err && fail "booted beside one without a supervisor"
has $B/err "ovt is running already"
inside ovt 'echo here' | grep -qx here || fail "not inside"
stop ovt
`},
	{name: "planted logs", script: `
subhost ovt <<EOF
BASE=.
START=none
EOF
chmod 1777 /tmp
log() { sed -i "s,^LOG=.*,LOG=$1," $B/ovt/ovt.conf ; }
no() {
    overlay-boot $B/ovt/ovt.conf 2> $B/err && fail "wrote to $1"
    has $B/err "$2"
    nothing ovt
}
echo precious > $B/precious
ln -s $B/precious /tmp/link.log
log /tmp/link.log ; no link "is a symbolic link; not written to"
ln -s $B/new /tmp/dangling.log
log /tmp/dangling.log ; no dangling "is a symbolic link; not written to"
echo theirs > /tmp/theirs.log ; chown 1000 /tmp/theirs.log
log /tmp/theirs.log ; no theirs "belongs to another user; not written to"
mkfifo /tmp/fifo.log
log /tmp/fifo.log ; no fifo "is not a regular file; not written to"
log $B/nowhere/log ; no nowhere "is not a directory"
log $B ; no directory "is a directory"
[ "$(cat $B/precious)" = precious ] && [ ! -e $B/new ] || fail "written through a link"
echo precious > /tmp/precious ; ln /tmp/precious /tmp/hard.log
log /tmp/hard.log ; boot ovt ; stop ovt
[ "$(cat /tmp/precious)" = precious ] || fail "written through a hard link"
has /tmp/hard.log "^Exited ovt"
sed -i /^LOG/d $B/ovt/ovt.conf
boot ovt ; stop ovt
has /tmp/overlay-ovt.log "^Exited ovt"
`},
	{name: "UNSHARED without namespaces", script: `
subhost ovt <<EOF
BASE=.
START=none
EOF
UNSHARED=yes overlay-boot $B/ovt/ovt.conf 2> $B/err && fail "ran in the host's mounts"
has $B/err "UNSHARED is set"
grep -q ' /proc ' /proc/mounts || fail "unmounted /proc"
`},
	{name: "a user's processes", script: `
mkdir /tmp/u
cat > /tmp/u/overlay-boot <<'EOF'
#!/bin/sh
/tmp/u/unshare &
wait
EOF
cat > /tmp/u/unshare <<'EOF'
#!/bin/sh
sleep 1000 &
wait
EOF
chmod 755 /tmp/u /tmp/u/*
printf 'BASE=.\nSTART=none\n' | subhost ovt
setpriv --reuid 1000 --regid 1000 --clear-groups /tmp/u/overlay-boot $B/ovt/ovt.conf &
until_ "pgrep -x sleep > /dev/null"
echo id | overlay-go ovt > $B/out 2>&1 && fail "entered: $(cat $B/out)"
has $B/out "^ovt is neither"
[ "$(overlay-go)" = "Select subhost: " ] || fail "$(overlay-go)"
overlay-stop $B/ovt/ovt.conf 2> $B/err && fail "stopped it"
pgrep -x sleep > /dev/null || fail "killed it"
boot ovt
inside ovt 'echo here' | grep -qx here || fail "not inside"
overlay-stop $B/ovt/ovt.conf 2> $B/err || fail "not stopped"
pgrep -x sleep > /dev/null || fail "killed it, too"
`},
	{name: "the other tools", script: `
printf 'BASE=.\nCABLES==\nSTART=none\n' | subhost ovt
rm -rf /etc/subhosts.d ; mkdir /etc/subhosts.d
chmod +t $B # so that each log is a new file
ln -s $B/ovt/ovt.conf /etc/subhosts.d/any.conf
( cd / && overlay-wait --up ovt ) & W=$!
overlay-log -f ovt > $B/shown & L=$!
( cd / && overlay-boot ovt 2> $B/err ) || fail "boot: $(cat $B/err)"
wait $W || fail "overlay-wait: $?"
overlay-go -C /usr -e A=x -u 7:8 ovt -- sh -c 'echo $A $PWD $(id -u) $(id -g) ; exit 5' > $B/out
[ $? = 5 ] || fail "status of a command"
[ "$(cat $B/out)" = "x /usr 7 8" ] || fail "a command says $(cat $B/out)"
head -c 1000000 /dev/urandom > $B/bytes
overlay-go ovt -- cat < $B/bytes | cmp - $B/bytes || fail bytes
overlay-wait --down --timeout 0 ovt && fail down
[ $? = 3 ] || fail "status of a timeout"
overlay-restart ovt 2> $B/err || fail "restart: $(cat $B/err)"
until_ "reaper ovt > /dev/null"
again() { sed '1,/^Exited ovt/d' $B/shown | cmp -s - $B/ovt.log ; }
until_ again
kill -TERM $L
wait $L ; [ $? = 143 ] || fail "status of overlay-log"
kill -9 $(pgrep -x overlay-boot) $(pgrep -x unshare)
overlay-wait --down ovt || fail "down: $?"
overlay-clean > $B/out 2> $B/err && fail "cleaned without a question"
for KIND in record namespace cable claim lock ; do has $B/out "^ovt  *$KIND " ; done
overlay-clean --yes > $B/out 2> $B/err || fail "clean: $(cat $B/err)"
nothing ovt
`},
	{name: "start with the host", script: `
for S in ovt ovu ovv ovw ; do printf 'BASE=.\nSTART=none\n' | subhost $S ; done
{
    printf '# %s\n\n' $B/nowhere.conf
    echo "$B/ovt/ovt.conf # a comment"
    printf '\t%s  %s' $B/ovu/ovu.conf "$B/*/ov[vw].conf"
} > $B/subhosts.conf
ALL="$B/ovt/ovt.conf $B/ovu/ovu.conf $B/ovv/ovv.conf $B/ovw/ovw.conf "
subhosts() { SUBHOSTS_CONF=$B/subhosts.conf sh /mnt/subhosts "$@" 2> $B/err ; }
# the installed commands come first in its PATH, so they are bound over
mkdir -p /usr/local/sbin
mount -t tmpfs tmpfs /usr/local/sbin
for S in boot stop go ; do ln -s /mnt/scripts/overlay-$S /usr/local/sbin/ ; done
subhosts start || fail "start: $(cat $B/err)"
until_ "reaper ovt && reaper ovu && reaper ovv && reaper ovw"
pgrep -f "^/bin/sh /mnt/scripts/overlay-boot $B/ovt/ovt.conf\$" > /dev/null ||
    fail "$(pgrep -a overlay-boot)"
[ "$(subhosts status | sort | tr '\n' ' ')" = "$ALL" ] || fail status
subhosts start || fail "a second start: $(cat $B/err)"
[ "$(pgrep -c -x overlay-boot)" = 4 ] || fail "booted twice"
# what a user calls overlay-boot is no subhost, and its configuration is not read
mkdir -p /tmp/u
printf '%s\n' '#!/bin/sh' '/tmp/u/unshare &' wait > /tmp/u/overlay-boot
printf '%s\n' '#!/bin/sh' 'sleep 1000 &' wait > /tmp/u/unshare
printf 'BASE=!touch /mnt/b/ran\n' > /tmp/u/evil.conf
chmod 755 /tmp/u /tmp/u/*
setpriv --reuid 1000 --regid 1000 --clear-groups /tmp/u/overlay-boot /tmp/u/evil.conf &
until_ "pgrep -x sleep > /dev/null"
subhosts status | grep evil && fail "a user's process is listed"
subhosts stop || fail "stop: $(cat $B/err)"
[ ! -e $B/ran ] || fail "a user's configuration was read"
pkill -u 1000
until_ "! pgrep -u 1000 > /dev/null"
for S in ovt ovu ovv ovw ; do nothing $S ; done
subhosts other && fail "accepted another word"
has $B/err "^Usage"
`},
	{name: "read-only UPPER", script: `
small $B/tree
cp /mnt/scripts/reaper $B/tree/.reaper
mkdir -p $B/tree/proc $B/tree/sys $B/tree/dev $B/tree/run $B/tree/tmp
mount --bind $B/tree $B/tree
mount -o remount,ro,bind $B/tree
printf 'BASE=.\nSTART=none\nUPPER=../tree\nLOWER=../tree\n' | subhost ovt
boot ovt
has $B/ovt.log "is read-only: no default network configuration"
stop ovt
`},
	{name: "the original stops ours", original: true, script: `
subhost ovt <<EOF
BASE=.
CABLES==
START=none
EOF
boot ovt
# the original finds itself when its path has overlay-boot in it: this has not
/mnt/original/overlay-stop $B/ovt/ovt.conf 2> $B/err || fail "status $?: $(cat $B/err)"
until_ "! pgrep -x overlay-boot > /dev/null"
nothing ovt
`},
	{name: "ours stops the original", original: true, script: `
subhost ovt <<EOF
BASE=.
CABLES==
START=none
EOF
mkdir -p $B/ovt/root/tmp
/mnt/original/overlay-boot $B/ovt/ovt.conf 2> $B/err || fail "status $?: $(cat $B/err)"
until_ "reaper ovt"
[ "$(overlay-go)" = "Select subhost: $B/ovt/ovt.conf" ] || fail "$(overlay-go)"
[ "$(inside ovt 'readlink /proc/1/exe')" = /.reaper ] || fail inside
stop ovt
`},
}
