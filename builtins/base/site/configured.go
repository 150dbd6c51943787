package site

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The lists of the configurations that are started with the host.
const (
	listFile   = "/etc/subhosts.conf"
	listFolder = "/etc/subhosts.d"
)

// Configured returns the paths of the configurations that /etc/subhosts.conf lists, and behind
// them those in /etc/subhosts.d, without links. Each is named once. The function configured of
// the scripts finds the same, but for a link that leads nowhere, which they leave out. skipped
// says what is left out here.
func Configured() (list, skipped []string, err error) { return configured(listFile, listFolder) }

func configured(file, folder string) (list, skipped []string, err error) {
	found, err := listed(file)
	if err != nil {
		return nil, nil, err
	}
	for _, path := range glob(filepath.Join(folder, "*.conf")) {
		if st, err := os.Stat(path); err != nil || st.Mode().IsRegular() {
			found = append(found, Real(path))
		}
	}
	for _, path := range found {
		path = meantIn(path, folder)
		switch {
		case strings.Contains(path, "\n"):
			skipped = append(skipped, fmt.Sprintf("%q is left out: its name has a line break", path))
		case !slices.Contains(list, path):
			list = append(list, path)
		}
	}
	return list, skipped, nil
}

// Meant returns the path of the configuration that a path means: a link directly in
// /etc/subhosts.d means the file that it leads to. Any other link keeps its directory, at which a
// relative BASE starts. The function follow_link of the scripts does the same.
func Meant(path string) string { return meantIn(path, listFolder) }

func meantIn(path, folder string) string {
	at := strings.LastIndexByte(path, '/')
	link, err := os.Lstat(path)
	if at < 0 || err != nil || link.Mode()&os.ModeSymlink == 0 {
		return path
	}
	if st, err := os.Stat(path); err != nil || !st.Mode().IsRegular() {
		return path
	}
	if !sameFile(path[:at], folder) {
		return path
	}
	return Real(path)
}

// Real returns a path without links. One that leads nowhere is the target of the link.
func Real(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	target, err := os.Readlink(path)
	switch {
	case err != nil:
		return path
	case filepath.IsAbs(target):
		return filepath.Clean(target)
	}
	return filepath.Join(filepath.Dir(path), target)
}

// LinksTo returns the links in /etc/subhosts.d that lead to a path.
func LinksTo(path string) []string { return linksTo(path, listFolder) }

func linksTo(path, folder string) (links []string) {
	for _, link := range glob(filepath.Join(folder, "*.conf")) {
		if link != path && Real(link) == path {
			links = append(links, link)
		}
	}
	return links
}

// listed returns the words of a file, without comments; a pattern stands for the files that it
// matches, or for itself. A relative one starts at the root.
func listed(file string) (list []string, err error) {
	text, err := readFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		line, _, _ = strings.Cut(line, "#")
		for word := range strings.FieldsFuncSeq(line, isBlank) {
			if word = strings.TrimSuffix(word, "\r"); word == "" {
				continue
			}
			if word[0] != '/' {
				word = "/" + word
			}
			if matches := glob(word); len(matches) > 0 {
				list = append(list, matches...)
			} else {
				list = append(list, word)
			}
		}
	}
	return list, nil
}

// isBlank reports whether a shell splits words at a character.
func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\n' }

// glob returns the files that a pattern of a shell matches: a dot at the beginning of a name has
// to be in the pattern, and "!" negates a set.
func glob(pattern string) (list []string) {
	found, err := filepath.Glob(strings.ReplaceAll(pattern, "[!", "[^"))
	if err != nil {
		return nil
	}
	parts := strings.Split(pattern, "/")
	for _, path := range found {
		hidden := false
		for i, name := range strings.Split(path, "/") {
			hidden = hidden || strings.HasPrefix(name, ".") && i < len(parts) &&
				!strings.HasPrefix(parts[i], ".")
		}
		if !hidden {
			list = append(list, path)
		}
	}
	return list
}

// Find returns the configuration that a word names. A word with a slash is the path of one. If
// nameFirst is set, any other word is first the name of a subhost, and then the path of a file;
// otherwise a regular file comes first. A name is looked for as find_named in the scripts does:
// among those that run, then those that are configured, then what dead ones have left. dir is
// the directory for relative paths.
func Find(word, dir string, nameFirst bool) (path string, err error) {
	file := word
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	st, statErr := os.Stat(file)
	isFile := statErr == nil && st.Mode().IsRegular()
	if strings.Contains(word, "/") || isFile && !nameFirst {
		return Meant(file), nil
	}
	if path, err = findName(word); err != nil || path != "" {
		return path, err
	}
	if isFile {
		return Meant(file), nil
	}
	return "", fmt.Errorf("%s is neither a configuration file nor the name of a subhost; "+
		"overlay-list shows those that are known", word)
}

// findName returns the configuration of the subhost with a name, or "".
func findName(name string) (string, error) {
	record, _ := ReadRecord(name)
	if (record.Runs() || record.Starts()) && record["CONFIG"] != "" {
		return record["CONFIG"], nil
	}
	list, _, err := Configured()
	if err != nil {
		return "", err
	}
	var found []string
	for _, path := range list {
		c, err := ReadConfig(path)
		if err == nil && c.Name() == name &&
			!slices.ContainsFunc(found, func(other string) bool { return sameFile(other, path) }) {
			found = append(found, path)
		}
	}
	switch len(found) {
	case 0:
		return record["CONFIG"], nil // what a dead one has left
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%s is the name of several subhosts: %s", name, strings.Join(found, " "))
}
