# Words around every letter.

# The first line. $name: whoever is addressed.
hello = Hello { $name },
# A line of facts in the text part. $label: one of the labels below or of the letter; $value: what it is.
fact = { $label }: { $value }
# Why somebody gets a letter, below it.
why-integrations = You get this letter because you look after its integrations.
# What was the matter with a receiver. $kind: the class of failure; $status: an HTTP status.
trouble = { $kind ->
    [dns] its name does not resolve
    [refused_address] its address may not be called
    [connect] no connection could be made
    [tls] no secure connection could be made
    [timeout_connect] no connection could be made in time
    [timeout] it did not answer in time
    [reset] it hung up without an answer
    [protocol] its answer is not HTTP
    [interrupted] the attempt was interrupted on our side
    [gone] it answered 410 Gone
    [http] it answered { $status }
   *[other] the attempt failed
}
