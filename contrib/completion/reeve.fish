# fish completion of reeve(1). Made by `reeve help --completion=fish`: scripts/generate.
function __reeve_services
    set -l file
    set -l words (commandline -opc)
    for i in (seq (math (count $words) - 1))
        if contains -- $words[$i] -f --file --inetd
            set file $words[$i] $words[(math $i + 1)]
        end
    end
    reeve show $file 2>/dev/null | string replace -rf '^    id  *= ([^ ]*).*' '$1'
end
complete -c reeve -f
complete -c reeve -n '__fish_use_subcommand' -l help -s h -d 'Print this help message and exit'
complete -c reeve -n '__fish_use_subcommand' -l version -d 'Display program version information and exit'
complete -c reeve -n '__fish_use_subcommand' -a check -d 'Say everything that is wrong or doubtful in a configuration'
complete -c reeve -n '__fish_seen_subcommand_from check' -l help -s h -d 'Print this help message and exit'
complete -c reeve -n '__fish_seen_subcommand_from check' -l file -s f -r -F -d 'The configuration; /etc/reeve.conf if it is there, else /etc/xinetd.conf'
complete -c reeve -n '__fish_seen_subcommand_from check' -l as-user -d 'Judge as for a daemon that runs as you and not as root'
complete -c reeve -n '__fish_seen_subcommand_from check' -l inetd-compat -d 'Read /etc/inetd.conf too, as reeved -inetd_compat does'
complete -c reeve -n '__fish_seen_subcommand_from check' -l inetd -r -F -d 'A configuration in inetd.conf\'s syntax; /etc/inetd.conf without FILE'
complete -c reeve -n '__fish_seen_subcommand_from check' -l json -d 'One JSON document'
complete -c reeve -n '__fish_seen_subcommand_from check' -l strict -d 'Exit with 1 when there are warnings'
complete -c reeve -n '__fish_use_subcommand' -a show -d 'Print the effective configuration, each value with its origin'
complete -c reeve -n '__fish_seen_subcommand_from show' -l help -s h -d 'Print this help message and exit'
complete -c reeve -n '__fish_seen_subcommand_from show' -l file -s f -r -F -d 'The configuration; /etc/reeve.conf if it is there, else /etc/xinetd.conf'
complete -c reeve -n '__fish_seen_subcommand_from show' -l as-user -d 'Judge as for a daemon that runs as you and not as root'
complete -c reeve -n '__fish_seen_subcommand_from show' -l inetd-compat -d 'Read /etc/inetd.conf too, as reeved -inetd_compat does'
complete -c reeve -n '__fish_seen_subcommand_from show' -l inetd -r -F -d 'A configuration in inetd.conf\'s syntax; /etc/inetd.conf without FILE'
complete -c reeve -n '__fish_seen_subcommand_from show' -l json -d 'One JSON document'
complete -c reeve -n '__fish_seen_subcommand_from show' -l plain -d 'Without origins and built-in values: can be read as a configuration'
complete -c reeve -n '__fish_seen_subcommand_from show' -f -a '(__reeve_services)'
complete -c reeve -n '__fish_use_subcommand' -a wrappers -d 'Say what hosts.allow and hosts.deny mean for a client'
complete -c reeve -n '__fish_seen_subcommand_from wrappers' -l help -s h -d 'Print this help message and exit'
complete -c reeve -n '__fish_seen_subcommand_from wrappers' -l name -x -d 'The name of a client given by address; `unknown` without it'
complete -c reeve -n '__fish_seen_subcommand_from wrappers' -l allow -r -F -d 'Instead of /etc/hosts.allow'
complete -c reeve -n '__fish_seen_subcommand_from wrappers' -l deny -r -F -d 'Instead of /etc/hosts.deny'
complete -c reeve -n '__fish_use_subcommand' -a convert -d 'Translate inetd.conf or systemd\'s units to xinetd.conf, and xinetd.conf to units'
complete -c reeve -n '__fish_seen_subcommand_from convert' -l help -s h -d 'Print this help message and exit'
complete -c reeve -n '__fish_seen_subcommand_from convert' -l from -x -a 'inetd systemd' -d 'What FILE is'
complete -c reeve -n '__fish_seen_subcommand_from convert' -l to -x -d 'What to make of the configuration'
complete -c reeve -n '__fish_seen_subcommand_from convert' -l file -s f -r -F -d '--to: the configuration; /etc/reeve.conf if it is there, else /etc/xinetd.conf'
complete -c reeve -n '__fish_seen_subcommand_from convert' -l output -s o -r -F -d '--from: a file instead of standard output; --to: the folder for the units'
complete -c reeve -n '__fish_seen_subcommand_from convert' -l force -d 'Replace files that are there already'
complete -c reeve -n '__fish_seen_subcommand_from convert' -l strict -d 'Exit with 1 when a meaning is lost'
complete -c reeve -n '__fish_seen_subcommand_from convert' -F
complete -c reeve -n '__fish_use_subcommand' -a help -d 'Explain a command, an attribute or a topic'
complete -c reeve -n '__fish_seen_subcommand_from help' -l help -s h -d 'Print this help message and exit'
complete -c reeve -n '__fish_seen_subcommand_from help' -f -a '(reeve help --topics 2>/dev/null)'
