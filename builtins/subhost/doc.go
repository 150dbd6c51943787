// Package subhost holds the commands that only this program has (overlay-…): what the boot
// scripts need and no tool of a distribution does.
package subhost
