package hostile

import (
	"encoding/binary"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"overlayboot/compat/kit"
	"overlayboot/compat/sandbox"
)

// lan sets up the subhost's networks: eth0 on the bridge br7, which the host is on too, and
// eth1 on br8, with a single other host, "far".
const lan = `ip link add br7 type bridge; ip addr add 10.77.0.1/24 dev br7; ip link set br7 up
ip link add br8 type bridge; ip link set br8 up
ip link add near type veth peer name near1; ip link set near1 master br7
ip link set near up; ip link set near1 up
ip netns add far; ip link add far type veth peer name eth0 netns far
ip link set far master br8; ip link set far up
ip -n far addr add 10.78.0.5/24 dev eth0; ip -n far link set eth0 up
ip -n far route add default via 10.78.0.2`

const interfaces = `auto lo
iface lo inet loopback
auto eth0
iface eth0 inet static
	address 10.77.0.2/24
auto eth1
iface eth1 inet static
	address 10.78.0.2/24
`

// These services are programs of the subhost, written as an administrator would write them.
const (
	postgres = `[ "$1" = start ] || exit 0
mkdir -p /pg; chown postgres /pg
exec su -s /bin/sh postgres -c '
B=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
$B/initdb -D /pg/data --auth=trust --no-sync > /pg/log 2>&1 &&
echo host all all 10.77.0.0/24 trust >> /pg/data/pg_hba.conf &&
$B/pg_ctl -D /pg/data -o "-F -c listen_addresses=* -c unix_socket_directories=/tmp" \
	-l /pg/log -w start'`
	dhcp = `[ "$1" = start ] || exit 0
exec dnsmasq --conf-file=/dev/null --port=0 --interface=eth0 --dhcp-range=10.77.0.50,10.77.0.99 \
	--dhcp-leasefile=/run/leases --pid-file=/run/dnsmasq.pid`
	router = `[ "$1" = start ] || exit 0
echo 1 > /proc/sys/net/ipv4/ip_forward
nft -f - <<EOF
table ip nat {
 chain post {
  type nat hook postrouting priority 100;
  oifname "eth0" masquerade;
 }
}
table inet filter {
 chain forward {
  type filter hook forward priority 0; policy drop;
  ct state established,related accept
  iifname "eth1" accept
 }
}
EOF`
)

// login is a command line that runs a command in the subhost over the bridge.
const login = "ssh -q -i key -o BatchMode=yes -o ConnectTimeout=5 -o StrictHostKeyChecking=no" +
	" -o UserKnownHostsFile=/dev/null -l root 10.77.0.2"

// TestServices boots a subhost on the host's root with typical services and all defaults,
// and checks that each service works.
func TestServices(t *testing.T) {
	onHost(t, func(h *host) {
		h.needTools("ifup", "service", "sshd", "ssh", "ssh-keygen", "nginx", "cron", "psql",
			"dnsmasq", "udhcpc", "ntpdig", "nft", "dbus-daemon", "dbus-send", "busybox")
		h.sh(lan)
		h.snap()
		s := h.subhost("services", "CABLES= br7=02:00:00:00:77:02 br8=02:00:00:00:78:02\n"+
			"START= networking dbus ssh nginx cron /postgres /dhcp /router\n")
		s.furnish()
		tree := s.boot()
		defer h.clock()()
		for _, c := range [...]struct{ name, script, want string }{
			{"networking", "busybox ping -q -c 1 -W 2 10.77.0.2", "1 packets received"},
			{"ssh", login + " cat /proc/1/comm", ".reaper"},
			{"ssh with a terminal", login + " -tt tty", "/dev/pts/"},
			{"nginx", "busybox wget -q -O - http://10.77.0.2/", "subhost's own page"},
			{"postgresql", "psql -h 10.77.0.2 -U postgres -Atc 'select 6*7'", "42"},
			{"DHCP", "udhcpc -i near -n -q -f -s /bin/true -t 5 -T 2 2>&1", "lease of 10.77.0."},
			{"router", "ip netns exec far busybox ping -q -c 1 -W 2 10.77.0.1",
				"1 packets received"},
		} {
			s.answers(c.name, c.script, c.want)
		}
		s.answersInside(tree)
		s.stop()
		h.sh("ip netns del far; ip link del near; ip link del br7; ip link del br8")
		h.t.Log(s.Story())
		h.snap()
	})
}

// furnish writes the subhost's configuration.
func (s *subhost) furnish() {
	s.t.Helper()
	s.Script("root/postgres", postgres)
	s.Script("root/dhcp", dhcp)
	s.Script("root/router", router)
	s.sh(`cd ` + s.Dir + `
mkdir -p root/etc/network root/etc/ssh root/etc/cron.d root/root/.ssh root/var/www/html
cat > root/etc/network/interfaces <<'EOF'
` + interfaces + `EOF
echo "subhost's own page" > root/var/www/html/index.html
rm -f root/var/www/html/index.nginx-debian.html
echo '@reboot root echo cron > /var/by-cron' > root/etc/cron.d/test
ssh-keygen -q -t ed25519 -N '' -f key
chmod 700 root/root root/root/.ssh
cp key.pub root/root/.ssh/authorized_keys
ssh-keygen -q -t ed25519 -N '' -f root/etc/ssh/ssh_host_ed25519_key`)
}

// answers queries a service from outside until it answers.
func (s *subhost) answers(name, script, want string) {
	s.t.Helper()
	var r sandbox.Result
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); s.pause(100) {
		cmd := exec.Command("/bin/sh", "-c", script)
		cmd.Dir = s.Dir
		if r = s.exec(cmd); strings.Contains(r.Stdout, want) && r.Status == 0 {
			return
		}
	}
	s.t.Errorf("%s: %v, want %q\n%s", name, r, want, s.Story())
}

// answersInside queries the services that are reachable only from inside.
func (s *subhost) answersInside(tree sandbox.Tree) {
	s.t.Helper()
	got := s.says("dbus-send --system --print-reply --dest=org.freedesktop.DBus / " +
		"org.freedesktop.DBus.GetId 2>&1")
	if !strings.Contains(got, "string ") {
		s.t.Errorf("dbus: %q", got)
	}
	if got := s.says("ntpdig -t 5 10.77.0.1 2>&1"); !strings.Contains(got, "10.77.0.1") ||
		strings.Contains(got, "no eligible") {
		s.t.Errorf("NTP: %q", got)
	}
	if !sandbox.Until(func() bool { return s.Read("root/var/by-cron") == "cron\n" }) {
		s.t.Errorf("cron: %v", members(tree))
	}
}

// clock runs an NTP server on the host, with only what a client needs.
func (h *host) clock() (end func()) {
	h.t.Helper()
	conn, err := net.ListenPacket("udp4", "10.77.0.1:123")
	must(h.t, err)
	go func() {
		b := make([]byte, 1024)
		for {
			n, from, err := conn.ReadFrom(b)
			if err != nil {
				return
			}
			if n >= ntpSize {
				_, _ = conn.WriteTo(ntpAnswer(b[:ntpSize]), from)
			}
		}
	}()
	return func() { conn.Close() }
}

// ntpSize is the length of a message of RFC 5905.
const ntpSize = 48

// ntpAnswer returns the answer to a client's message, with the present time.
func ntpAnswer(question []byte) []byte {
	const (
		version4Server = 4<<3 | 4
		since1900      = 2208988800
	)
	now := time.Now()
	stamp := uint64(now.Unix()+since1900)<<32 | uint64(now.Nanosecond())<<32/1e9
	b := make([]byte, ntpSize)
	b[0], b[1], b[2], b[3] = version4Server, 1, question[2], 0xec
	copy(b[12:], "TEST")
	binary.BigEndian.PutUint64(b[16:], stamp)
	copy(b[24:32], question[40:48])
	binary.BigEndian.PutUint64(b[32:], stamp)
	binary.BigEndian.PutUint64(b[40:], stamp)
	return b
}

// needTools skips a test if a tool is missing.
func (h *host) needTools(tools ...string) {
	h.t.Helper()
	kit.Tools(h.t, tools...)
	if _, err := os.Stat("/usr/lib/postgresql"); err != nil {
		kit.Missing(h.t, "%v (make testdeps)", err)
	}
}
