// What a shell runs to complete a command. "openimds __complete -- WORDS" prints what can stand for the last word,
// one a line: the word, a tab, what it means.

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

const BASH = `
_openimds() {
	# Bash takes words apart at colons and equals signs, which addresses are full of: take the line itself.
	local -a words
	local line=\${COMP_LINE:0:COMP_POINT} current=\${COMP_WORDS[COMP_CWORD]} found
	read -ra words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=("")
	local word=\${words[\${#words[@]} - 1]}
	local before=\${word%"$current"}
	COMPREPLY=()
	while IFS=$'\\t' read -r found _; do
		COMPREPLY+=("\${found#"$before"}")
	done < <(openimds __complete -- "\${words[@]:1}" 2>/dev/null)
	[[ \${#COMPREPLY[@]} == 1 && \${COMPREPLY[0]} == */ ]] && compopt -o nospace
}
complete -o default -F _openimds openimds`;

const ZSH = `
#compdef openimds
_openimds() {
	local line
	local -a found shown
	for line in "\${(@f)$(openimds __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
		[[ -n $line ]] || continue
		found+=("\${line%%$'\\t'*}")
		shown+=("\${line/$'\\t'/  -- }")
	done
	if (( ! $#found )); then
		_files
	elif [[ $#found == 1 && $found[1] == */ ]]; then
		compadd -S '' -a found
	else
		compadd -l -d shown -a found
	fi
}
compdef _openimds openimds`;

const FISH = `
function __openimds_complete
	set -l words (commandline -opc) (commandline -ct)
	set -l found (openimds __complete -- $words[2..-1] 2>/dev/null)
	if set -q found[1]
		printf '%s\\n' $found
	else
		__fish_complete_path $words[-1]
	end
end
complete -c openimds -f -a '(__openimds_complete)'`;

export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH.trim(), zsh: ZSH.trim(), fish: FISH.trim() };
