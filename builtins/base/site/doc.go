// Package site reads what a host knows of its subhosts: their configuration files
// (overlay-boot(8), CONFIGURATION), the records of those that run (scripts/functions, Records),
// and the lists of those to be started with the host. It changes nothing.
package site
