/* What an empty program takes. */
int main(void)
{
	return 0;
}
