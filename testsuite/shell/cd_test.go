package shell

import "testing"

// cdRows are rows of TestCd.
var cdRows = []string{
	`cd a; h; cd b; h; cd ../..; h; cd -; h`,
	`cd a/b/c/../..; h; cd ./.././a/./b//c/; h`,
	`cd l; h; pwd; pwd -L; pwd -P; cd ..; h`,
	`cd -P l; h; cd ..; h`,
	`cd -P l/..; h`,
	`cd -L l/..; h; cd l/../d; h`,
	`cd -P -L l; h; cd ..; h`,
	`cd -L -P l; h; cd ..; h`,
	`cd -PL l; h; cd ..; h; cd -LP l; h`,
	`cd -P .; h; cd l; cd -P .; h`,
	`cd l; cd -P ..; h`,
	`cd ll/c; h; cd ..; h; cd ..; h`,
	`cd -P ll/c; h`,
	`cd l; cd - ; h; cd - ; h`,
	`cd -- a; h; cd -- -; h`,
	`cd -; h; unset OLDPWD; cd -; h`,
	`OLDPWD=; cd -; h`,
	`OLDPWD=$here/d; cd -; h`,
	`OLDPWD=a; cd -; h`,
	`OLDPWD=nope; cd -; h`,
	`cd; h; HOME=; cd; h; HOME=$here/e; cd; h; HOME=d; cd; h; unset HOME; cd; h`,
	`HOME=$here/a cd; h; cd $here; HOME=nope cd; h`,
	`cd nope; h; cd file; h; cd file/x; h; cd broken; h; cd nope/..; h; cd file/..; h`,
	`cd ''; h; cd .; h; cd ./; h`,
	`cd / ; pwd; cd //; pwd; cd ///; pwd; cd /..; pwd; cd /../../usr; pwd; ` +
		`cd /usr/bin/..; pwd; cd //usr; pwd`,
	`cd a d; h`,
	`cd -x; h; cd -Lx a; h; cd --x; h`,
	`cd a > f; h; cat "$here/f"`,
	`cd a > /nope/x; h`,
	`cd - > f; cat f; cd a; cd - > f2; h; ls`,
	`cd a 3>&-; h; exec 1>&-; cd - ; h >&2`,
	`OLDPWD=$here; cd - > /dev/full; h`,
	`CDPATH=d; cd a; h; cd ../..; cd ./a; h; cd "$here"; cd e; h`,
	`CDPATH=; cd a; h`,
	`CDPATH=:d; cd a; h`,
	`CDPATH=d:; cd a; h`,
	`CDPATH=d:.; cd e; h`,
	`CDPATH=.:d; cd a; h`,
	`CDPATH=..; cd a; h`,
	`CDPATH=$here/d; cd a; h; cd ..; h`,
	`CDPATH=$here/d/; cd a; h`,
	`CDPATH=nope:d; cd a; h; cd ..; cd nope; h`,
	`CDPATH=d; cd -P a; h`,
	`CDPATH=d cd a; h`,
	`CDPATH=d; cd ../a; h; cd "$here"; cd ./a; h; cd "$here"; cd $here/a; h; cd b; ` +
		`CDPATH=$here/d; cd ..; h`,
	`CDPATH=a; cd b/c; h`,
	`CDPATH=a/b; HOME=c; cd; h`,
	`CDPATH=d; OLDPWD=a; cd -; h`,
	`CDPATH=l; cd c; h; cd ..; h`,
	`CDPATH=d; cd a > /dev/null; h; CDPATH=$here; cd l; h`,
	`CDPATH=::; cd a; h`,
	`CDPATH=file:d; cd a; h`,
	`CDPATH=d; x=$(cd a); echo "${x#$here}"`,
	`cd a; rmdir b/c b; cd b; h; cd ..; h`,
	`cd a/b/c; rmdir ../c; pwd > f; h; cd .; h; cd ..; h`,
	`cd a/b/c; rm -r ../../../a; cd ..; h; pwd -P; cd ../..; h; cd $here; h`,
	`cd a; mv ../a ../z; pwd; pwd -P; cd .; h; cd b; h`,
	`cd l; mv ../a ../z; cd .; h; cd ..; h`,
	`PWD=/tmp; cd a; h; cd -; h`,
	`PWD=; cd a; h`,
	`unset PWD; cd a; h; pwd`,
	`PWD=/nope; pwd | sed "s,$here,H,"; echo $PWD; cd .; h`,
	`PWD=/nope sh -c 'pwd' | sed "s,$here,H,"; (cd l; sh -c 'pwd; echo $PWD'; ` +
		`PWD=$here/a/b sh -c 'pwd'; PWD=$here/a sh -c pwd; PWD=l sh -c pwd; ` +
		`PWD=$here/l/. sh -c pwd; PWD=$here/a/../l sh -c pwd; env -u PWD sh -c pwd) | ` +
		`sed "s,$here,H,"`,
	`export -p | grep PWD | sed "s,$here,H,"; cd a; export -p | grep PWD | sed "s,$here,H,"`,
	`(cd a; h); h; cd a & wait; h; x=$(cd a; pwd); echo "${x#$here}"; h; cd a | cat; h; ` +
		`{ cd a; }; h`,
	`f() { cd a; }; f; h; f || echo or; (cd b && cd c && h)`,
	`cd a && cd nope && echo no; h; if cd nope; then :; else echo else; fi; ! cd nope; h`,
	`set -e; cd nope; echo no`,
	`command cd a; h; command cd nope; h; chdir b; h; chdir nope; h`,
	`mkdir -- -x; cd -x; h; cd -- -x; h; cd ./-x; h`,
	`mkdir 'a b' '*'; cd 'a b'; h; cd '../*'; h; cd ..; cd *' b'; h`,
	`cd ~ ; h; HOME=$here/a; cd ~; h; cd ~/b; h`,
	`chmod 000 e; cd e; cd ..; h; chmod 644 e; cd e; h; chmod 755 e`,
	`cd a/; h; cd b/.; h; cd c/..; h; cd ./..; h; cd ./../; h`,
	`cd l/; h; cd ..; h; cd l/.; h`,
	`cd a//b; h; cd .//c; h; cd ..//..; h`,
	`cd a/b/nope/..; h; cd nope/../a; h; cd l/nope/..; h`,
	`cd -P nope; h; cd -P file; h; cd -P ''; h`,
	`pwd x | sed "s,$here,H,"; pwd -x; echo $?; pwd -P -L | sed "s,$here,H,"; ` +
		`pwd -- | sed "s,$here,H,"; cd l; pwd -LP | sed "s,$here,H,"; ` +
		`pwd -PL | sed "s,$here,H,"`,
	`pwd > /dev/full; echo $?; pwd > f; sed "s,$here,H," f; rm f; pwd > /nope/x; echo $?`,
	`cd /proc/self; [ "$PWD" = /proc/self ] && echo logical; cd /proc/self/cwd; ` +
		`pwd; cd ..; pwd`,
	`x=a; cd $x; h; cd ..; cd "$nope"; h; cd $nope; h`,
	`cd a; cd ../l; cd ../broken; h; cd ../ll; h; pwd -P | sed "s,$here,H,"`,
	`cd /; cd usr; pwd; cd ..; pwd; cd //; cd usr; pwd; cd ..; pwd; cd //usr; cd ..; pwd; ` +
		`cd ///usr; pwd; cd /; CDPATH=/; cd usr; pwd`,
}

// TestCd judges cd and pwd (XCU 4).
func TestCd(t *testing.T) {
	each(t, `mkdir -p a/b/c d/a e; ln -s a/b l; ln -s nope broken; ln -s l ll; > file; `+
		`here=$PWD; h() { echo "$?" "${PWD#$here}" "${OLDPWD#$here}"; }`+"\n", cdRows...)
	judge(t, row{script: `here=$PWD d=dddddddddddddddddddddddddddddddddddddddddddddddddd i=0
while [ $i -lt 99 ]; do mkdir $d; cd $d || break; i=$((i+1)); done 2>/dev/null
echo $i; cd "$here"; rm -r $d`, standard: "XCU 4, cd, step 9"})
}

func TestDirectories(t *testing.T) {
	setup := `mkdir -p a/b c/a; ln -s a/b l; here=$PWD; s() { pwd | sed "s,$here,H,"; }` + "\n"
	for _, c := range []string{"cd a; s; cd b; s; cd ..; s", "cd l; s; pwd -P; cd ..; s",
		"cd -P l; s; cd ..; s", "cd -L l; s; cd -; s", "cd a/../c; s; cd ./a/.; s; cd .//..///; s",
		"CDPATH=c; cd a; s", "CDPATH=:c; cd a; s", "CDPATH=c cd a; s; cd ./a; s",
		"cd nope; echo $?; s", "cd t.sh; echo $?", "cd; echo $?; s",
		"HOME=$here/a; cd; s; cd ~; s", "unset HOME; cd; echo $?; s", "cd ''; echo $?; s",
		"cd /; s; cd /usr/bin/..; s; cd ///; s", "cd a; rmdir b; cd b; echo $?; cd -; s",
		"cd a c; echo $?; s", "cd -- a; s", "cd -X; echo $?",
		"cd -; echo $?", "OLDPWD=$here/c; cd -; s; cd - > /dev/null; s",
		"PWD=/nope; cd a; s; echo $PWD | sed s,$here,H,",
		"cd a && rmdir ../a/b && rmdir ../a; pwd | sed s,$here,H,; cd ..; s; cd .; echo $?",
		"chdir a; s; (cd b; s); s", "cd a | cat; s; x=$(cd a; pwd); " +
			"echo $x | sed s,$here,H,; s", "pwd -L | sed s,$here,H,; pwd -P | sed s,$here,H,; " +
			"pwd -LP | sed s,$here,H,"} {
		judge(t, row{script: setup + c})
	}
}
