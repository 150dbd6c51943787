// Package admin holds the commands that show an administrator which subhosts there are
// (overlay-list, overlay-map). They change nothing.
//
// Names of interfaces inside a subhost are chosen by its root user, who may be hostile, and
// those of files by anybody. All of them are escaped wherever they are shown.
package admin
