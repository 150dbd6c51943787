# Sourced: what the machine's own apt configuration says of its Debian mirror.

# debian_target FORMAT: one line about the first Debian archive that is not a
# security one. Without downloaded lists apt does not know whose an archive is.
debian_target() {
    {
	apt-get indextargets --format "$1" 'Identifier: Packages' \
	    'Origin: Debian' 'Label: Debian' 'Component: main'
	apt-get indextargets --format "$1" 'Identifier: Packages' 'Component: main'
    } | grep -v -- '[-/]security' | head -n 1
}

mirror() { debian_target '$(REPO_URI)' ; }
codename() {
    debian_target '$(CODENAME)' | grep . || (. /etc/os-release && echo "$VERSION_CODENAME")
}
