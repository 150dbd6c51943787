package site

import (
	"bufio"
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
// them those in /etc/subhosts.d, without links. Each is named once.
func Configured() ([]string, error) { return configured(listFile, listFolder) }

func configured(file, folder string) ([]string, error) {
	list, err := listed(file)
	if err != nil {
		return nil, err
	}
	found, _ := filepath.Glob(filepath.Join(folder, "*.conf"))
	for _, path := range found {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		list = append(list, path)
	}
	var once []string
	for _, path := range list {
		if !slices.Contains(once, path) {
			once = append(once, path)
		}
	}
	return once, nil
}

// listed returns the words of a file, without comments; a pattern stands for the files that it
// matches, or for itself.
func listed(file string) (list []string, err error) {
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line, _, _ := strings.Cut(lines.Text(), "#")
		for _, word := range strings.Fields(line) {
			matches, err := filepath.Glob(word)
			if err != nil || len(matches) == 0 {
				matches = []string{word}
			}
			list = append(list, matches...)
		}
	}
	return list, lines.Err()
}

// Find returns the configuration that a word names. A word with a slash is the path of one. If
// nameFirst is set, any other word is first the name of a subhost, and then the path of a file;
// otherwise a regular file comes first. A name is looked for among the records, then among the
// configured subhosts. dir is the directory for relative paths.
func Find(word, dir string, nameFirst bool) (path string, err error) {
	file := word
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	st, statErr := os.Stat(file)
	isFile := statErr == nil && st.Mode().IsRegular()
	if strings.Contains(word, "/") || isFile && !nameFirst {
		return file, nil
	}
	if path, err = findName(word); err != nil || path != "" {
		return path, err
	}
	if isFile {
		return file, nil
	}
	return "", fmt.Errorf("%s is neither a configuration file nor the name of a subhost; "+
		"overlay-list shows those that are known", word)
}

// findName returns the configuration of the subhost with a name, or "".
func findName(name string) (string, error) {
	if record, err := ReadRecord(name); err == nil && record["CONFIG"] != "" {
		return record["CONFIG"], nil
	}
	list, err := Configured()
	if err != nil {
		return "", err
	}
	var found []string
	for _, path := range list {
		if c, err := ReadConfig(path); err == nil && c.Name() == name {
			found = append(found, path)
		}
	}
	switch len(found) {
	case 0:
		return "", nil
	case 1:
		return found[0], nil
	}
	return "", fmt.Errorf("%s is the name of several subhosts: %s", name, strings.Join(found, " "))
}
